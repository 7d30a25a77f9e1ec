using System.Collections.Immutable;
using System.Text;
using Rubato.Models.Chat;
using Rubato.Models.Tokenizers;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>Every byte is a token; above them control tokens and some words that fake models say.</summary>
internal sealed class FakeTokenizer : ITokenizer
{
    public const int Begin = 256;
    public const int End = 257;
    public const int TurnStart = 258;
    public const int TurnEnd = 259;
    public const int FirstWord = 260;

    private static readonly string[] Special = ["<s>", "</s>", "<|turn|>", "<|/turn|>"];

    /// <summary>What fake models say: words, accents, and the four bytes of an emoji in two tokens.</summary>
    private static readonly byte[][] Words =
    [
        .. " the, a, note, bar, ends, on, beat, time, stolen, borrows, from, another, slow, fast, and, or".Split(',').Select(Encoding.UTF8.GetBytes),
        " café"u8.ToArray(), " naïve"u8.ToArray(), "。"u8.ToArray(), "\n"u8.ToArray(),
        [0xF0, 0x9F], [0x8E, 0xB5],
    ];

    public int VocabularySize => FirstWord + Words.Length;

    public int? BeginOfText => Begin;

    public int? EndOfText => End;

    public ImmutableArray<int> StopTokens => [End, TurnEnd];

    public static string RenderChat(IReadOnlyList<ChatMessage> messages) =>
        string.Concat(messages.Select(message => $"<|turn|>{message.Role}\n{message.Content}<|/turn|>\n")) + "<|turn|>assistant\n";

    public int[] Encode(string text, bool addSpecial, bool parseSpecial)
    {
        var tokens = new List<int>();
        if (addSpecial)
        {
            tokens.Add(Begin);
        }

        for (var i = 0; i < text.Length;)
        {
            var special = parseSpecial ? Array.FindIndex(Special, word => string.CompareOrdinal(text, i, word, 0, word.Length) == 0) : -1;
            if (special >= 0)
            {
                tokens.Add(Begin + special);
                i += Special[special].Length;
                continue;
            }

            var length = char.IsSurrogatePair(text, Math.Min(i, text.Length - 2 < 0 ? 0 : i)) && i + 1 < text.Length ? 2 : 1;
            foreach (var unit in Encoding.UTF8.GetBytes(text.Substring(i, length)))
            {
                tokens.Add(unit);
            }

            i += length;
        }

        return [.. tokens];
    }

    public ReadOnlySpan<byte> TokenBytes(int token) => token switch
    {
        < 0 => throw new ArgumentOutOfRangeException(nameof(token)),
        < 256 => new byte[] { (byte)token },
        < FirstWord => [],
        _ => Words[token - FirstWord],
    };

    public string TokenText(int token) => IsSpecial(token) ? Special[token - Begin] : Encoding.UTF8.GetString(TokenBytes(token));

    public bool IsSpecial(int token) => token is >= Begin and < FirstWord;

    public string Decode(ReadOnlySpan<int> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            bytes.AddRange(TokenBytes(token));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
