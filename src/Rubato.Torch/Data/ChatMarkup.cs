using Rubato.Core;
using Rubato.Models.Chat;
using Rubato.Models.Corpora;
using Rubato.Models.Tokenizers;

namespace Rubato.Torch.Data;

/// <summary>Conversations as tokens: a turn is the turn-start token, role, line break, content, the turn-end token, line break.</summary>
/// <remarks>The form that <see cref="ChatTemplate.ChatMl"/> renders.</remarks>
public static class ChatMarkup
{
    private const string Assistant = "assistant";

    /// <summary>Packs conversations; only the assistant's words and the token that ends its turn count in the loss.</summary>
    /// <exception cref="RubatoException">The vocabulary lacks the tokens that mark turns.</exception>
    public static TokenSequence Pack(IEnumerable<ChatExample> examples, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var separator = TokenSequence.Separator(tokenizer);
        var start = Special(tokenizer, BpeTrainerOptions.TurnStart);
        var end = Special(tokenizer, BpeTrainerOptions.TurnEnd);
        var tokens = new List<int> { separator };
        var counted = new List<bool> { false };
        foreach (var message in examples.SelectMany(example => example.Messages.Append(null)))
        {
            if (message is null)
            {
                Add([separator], counts: false);
                continue;
            }

            var answer = message.Role == Assistant;
            Add([start, .. Plain(message.Role + "\n")], counts: false);
            Add([.. Plain(message.Content), end], answer);
            Add(Plain("\n"), counts: false);
        }

        return new([.. tokens], [.. counted]);

        int[] Plain(string text) => tokenizer.Encode(text, addSpecial: false, parseSpecial: false);

        void Add(ReadOnlySpan<int> ids, bool counts)
        {
            foreach (var id in ids)
            {
                tokens.Add(id);
                counted.Add(counts);
            }
        }
    }

    private static int Special(Tokenizer tokenizer, string spelling)
    {
        var token = tokenizer.Vocabulary.Tokens.IndexOf(spelling);
        return token >= 0
            ? token
            : throw new RubatoException($"The vocabulary has no token {spelling}, which marks the turns of a conversation.");
    }
}
