using System.Text.RegularExpressions;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

public sealed class PreTokenizerTests
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static string Llama3(string digits) =>
        @"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|" + digits
        + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    [InlineData("default")]
    public void Scanner_cuts_as_the_published_expressions_do(string name)
    {
        string[] passes = name switch
        {
            "gpt-2" => [Gpt2],
            "llama-bpe" => [Llama3(@"\p{N}{1,3}")],
            "qwen2" => [Llama3(@"\p{N}")],
            _ => [@"[\p{P}$+<=>^~|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"],
        };
        var expressions = Array.ConvertAll(passes, pass => new Regex(pass, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10)));
        var root = new Prng(11);
        for (var i = 0; i < 20_000; i++)
        {
            var text = RandomText.Next(root.Split((ulong)i), onePlane: true);
            var expected = expressions.Aggregate(new List<string> { text }, (pieces, expression) => [.. pieces.SelectMany(piece => Cut(piece, expression))]);
            Assert.Equal(expected.Where(piece => piece.Length > 0), Pieces(name, text));
        }
    }

    [Fact]
    public void Code_points_beyond_the_first_plane_have_their_own_class()
    {
        // 𝒳 is a letter and 𝟗 a number; 🙂 is neither.
        Assert.Equal(["a𝒳b", "𝟗", "𝟗", "🙂🙂"], Pieces("qwen2", "a𝒳b𝟗𝟗🙂🙂"));
        Assert.Equal(["a𝒳b", "𝟗𝟗", "🙂🙂"], Pieces("gpt-2", "a𝒳b𝟗𝟗🙂🙂"));
    }

    [Fact]
    public void Pieces_of_any_text_join_to_the_text()
    {
        var root = new Prng(12);
        for (var i = 0; i < 20_000; i++)
        {
            var text = RandomText.Next(root.Split((ulong)i), broken: true);
            foreach (var name in PreTokenizer.Names)
            {
                Assert.Equal(text, string.Concat(Pieces(name, text)));
            }
        }
    }

    [Fact]
    public void Unknown_name_is_refused_with_the_list()
    {
        var error = Assert.Throws<InvalidFormatException>(() => PreTokenizer.Get("tekken"));
        Assert.Contains("'tekken'", error.Message, StringComparison.Ordinal);
        Assert.All(PreTokenizer.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    private static List<string> Pieces(string name, string text)
    {
        var pieces = new List<string>();
        var preTokenizer = PreTokenizer.Get(name);
        for (var start = 0; start < text.Length;)
        {
            var end = preTokenizer.EndOfPiece(text, start);
            Assert.InRange(end, start + 1, text.Length);
            pieces.Add(text[start..end]);
            start = end;
        }

        return pieces;
    }

    /// <summary>The matches of the expression and the stretches between them.</summary>
    private static IEnumerable<string> Cut(string text, Regex expression)
    {
        var start = 0;
        foreach (Match match in expression.Matches(text))
        {
            yield return text[start..match.Index];
            yield return match.Value;
            start = match.Index + match.Length;
        }

        yield return text[start..];
    }
}
