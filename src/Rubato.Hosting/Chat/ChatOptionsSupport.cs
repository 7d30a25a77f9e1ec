using Microsoft.Extensions.AI;
using Rubato.Core;

namespace Rubato.Hosting.Chat;

/// <summary>Refuses chat options that are out of range, or that would change the answer in ways the engine does not implement.</summary>
internal static class ChatOptionsSupport
{
    /// <exception cref="InvalidOptionException">An option is out of range, or names another model.</exception>
    /// <exception cref="NotSupportedException">An option is not implemented.</exception>
    public static void Check(ChatOptions? options, string model)
    {
        if (options is null)
        {
            return;
        }

        if (options.ModelId is { } wanted && wanted != model)
        {
            throw new InvalidOptionException($"ModelId is {wanted}, but this engine serves {model}: leave ModelId out.");
        }

        _ = ChatSampling.Range("MaxOutputTokens", options.MaxOutputTokens, 1, int.MaxValue);
        if (options.StopSequences?.Any(string.IsNullOrEmpty) == true)
        {
            throw new InvalidOptionException("StopSequences holds an empty text: remove it.");
        }

        Refuse("ConversationId", options.ConversationId is not null);
    }

    private static void Refuse(string name, bool isSet)
    {
        if (isSet)
        {
            throw new NotSupportedException($"This engine does not implement {name}: leave it out.");
        }
    }
}
