using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Rubato.Core;

/// <summary>Assertions of programmer errors; they stay on in production.</summary>
public static class Check
{
    /// <summary>Throws when <paramref name="condition"/> is false. The message is built only then.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="state">The state (and, in a simulated world, the seed) to print.</param>
    /// <param name="expression">Filled in by the compiler.</param>
    /// <exception cref="InvariantViolationException">The condition is false.</exception>
    public static void Invariant(
        [DoesNotReturnIf(false)] bool condition,
        [InterpolatedStringHandlerArgument(nameof(condition))] ref InvariantMessage state,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition)
        {
            throw new InvariantViolationException($"Invariant broken: {expression}. {state.ToStringAndClear()}");
        }
    }

    /// <summary>Throws when <paramref name="condition"/> is false.</summary>
    /// <exception cref="InvariantViolationException">The condition is false.</exception>
    public static void Invariant(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition)
        {
            throw new InvariantViolationException($"Invariant broken: {expression}.");
        }
    }
}

/// <summary>The interpolated state of a <see cref="Check.Invariant(bool, ref InvariantMessage, string)"/>; formatted only on failure.</summary>
[InterpolatedStringHandler]
public ref struct InvariantMessage
{
    private DefaultInterpolatedStringHandler _inner;

    /// <summary>Called by the compiler.</summary>
    public InvariantMessage(int literalLength, int formattedCount, bool condition, out bool isEnabled)
    {
        isEnabled = !condition;
        _inner = isEnabled ? new(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture) : default;
    }

    /// <summary>Called by the compiler.</summary>
    public void AppendLiteral(string value) => _inner.AppendLiteral(value);

    /// <summary>Called by the compiler.</summary>
    public void AppendFormatted<T>(T value) => _inner.AppendFormatted(value);

    internal string ToStringAndClear() => _inner.ToStringAndClear();
}

/// <summary>A programmer error: the program's own state contradicts what it promises.</summary>
public sealed class InvariantViolationException(string message) : Exception(message);
