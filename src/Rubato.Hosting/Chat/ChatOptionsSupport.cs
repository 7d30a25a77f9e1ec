using System.Globalization;
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

        Range("Temperature", options.Temperature, 0, 2);
        Range("TopP", options.TopP, double.Epsilon, 1);
        Range("TopK", options.TopK, 0, int.MaxValue);
        Range("MaxOutputTokens", options.MaxOutputTokens, 1, int.MaxValue);
        if (options.StopSequences?.Any(string.IsNullOrEmpty) == true)
        {
            throw new InvalidOptionException("StopSequences holds an empty text: remove it.");
        }

        Refuse("Tools", options.Tools is { Count: > 0 });
        Refuse("ResponseFormat", options.ResponseFormat is not (null or ChatResponseFormatText));
        Refuse("FrequencyPenalty", options.FrequencyPenalty is not (null or 0));
        Refuse("PresencePenalty", options.PresencePenalty is not (null or 0));
        Refuse("ConversationId", options.ConversationId is not null);
    }

    private static void Range(string name, double? value, double min, double max)
    {
        if (value is { } given && !(given >= min && given <= max))
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"{name} is {given}, outside {min}…{max}: set it to a value in that range."));
        }
    }

    private static void Refuse(string name, bool isSet)
    {
        if (isSet)
        {
            throw new NotSupportedException($"This engine does not implement {name}: leave it out.");
        }
    }
}
