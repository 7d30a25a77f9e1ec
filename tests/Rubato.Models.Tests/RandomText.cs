using System.Text;
using Rubato.Core;

namespace Rubato.Models.Tests;

/// <summary>Texts that reach the corners of tokenizers: mixed scripts, runs of white space, digits, marks, broken surrogates.</summary>
internal static class RandomText
{
    private static readonly string[] Parts =
    [
        "the", " the", "The", "don't", "WE'LL", "'s", "'RE", "'", " 'x", "returns", "String.Join", "é", "e\u0301", "Ünï", "日本", "語", "🙂", "👩‍💻", "𝒳", "𝟗",
        "1", "12", "123", "12345", "١٢٣", "Ⅷ", "½", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", " \n ", "\u00A0", "\u2003", "\u3000", "\u0085",
        ".", "...", "!?", "=>", "$1", "+", "<", "|", "~^", "§", "©", "_", "-", "AbC", "ABCd", "가나", "ไทย", "अ२", "ǅ", "ʰ", "/", "/\n", "\u3000", "\u0903", "\u0001", "`x", "ー", "(", ")", "\"", "«", "。", "\u200D", "\u0000", "\u0007", "\uFFFD", "<|im_end|>", "<0x41>", "▁", "Ġ",
    ];

    /// <summary>A text of up to <paramref name="maximumParts"/> parts; without surrogates when <paramref name="onePlane"/>.</summary>
    public static string Next(Prng random, int maximumParts = 12, bool onePlane = false, bool broken = false)
    {
        var text = new StringBuilder();
        for (var i = random.NextInt32(maximumParts + 1); i > 0; i--)
        {
            var part = random.NextInt32(4) switch
            {
                0 => ((char)random.NextInt32(0xD800)).ToString(),
                1 => ((char)random.NextInt32(32, 127)).ToString(),
                _ => Parts[random.NextInt32(Parts.Length)],
            };
            if (!onePlane || !part.Any(char.IsSurrogate))
            {
                text.Append(part);
            }

            if (broken && random.Chance(1, 20))
            {
                text.Append((char)random.NextInt32(0xD800, 0xE000));
            }
        }

        return text.ToString();
    }
}
