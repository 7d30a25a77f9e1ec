using System.Collections.Immutable;
using Rubato.Models.Chat;

namespace Rubato.Models.Corpora;

/// <summary>One conversation to fine-tune on: turns of "user" and "assistant" in alternation, ending with the assistant's.</summary>
/// <param name="Messages">The turns.</param>
public sealed record ChatExample(ImmutableArray<ChatMessage> Messages)
{
    internal static ChatExample Of(string question, string answer) =>
        new([new("user", question), new("assistant", answer)]);
}
