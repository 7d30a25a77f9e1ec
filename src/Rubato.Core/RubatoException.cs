namespace Rubato.Core;

/// <summary>A failure that the user can act on: the message is one clear line that says what is wrong and where.</summary>
/// <remarks>Programs print <see cref="Exception.Message"/> to standard error and exit with 1 (with 2 for an <see cref="InvalidOptionException"/>), without a stack trace.</remarks>
public class RubatoException : Exception
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public RubatoException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its one-line message and what caused it.</summary>
    public RubatoException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>A file or stream whose content breaks its format. The message names the file, the place and the rule.</summary>
public sealed class InvalidFormatException : RubatoException
{
    /// <summary>Makes the exception with its one-line message.</summary>
    public InvalidFormatException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with its one-line message and what caused it.</summary>
    public InvalidFormatException(string message, Exception inner) : base(message, inner)
    {
    }
}

/// <summary>An option outside its range or in conflict with another. The message names option, value, rule and remedy.</summary>
public sealed class InvalidOptionException(string message) : RubatoException(message);
