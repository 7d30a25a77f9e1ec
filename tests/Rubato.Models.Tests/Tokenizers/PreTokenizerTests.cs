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

    private const string Spaces = @"|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Cased =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+#|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*#|";

    /// <summary>The expressions that the tokenizers' own files state, one after the other.</summary>
    private static string[] Passes(string name) => name switch
    {
        "gpt-2" => [Gpt2],
        "smollm" => [@"\p{N}", Gpt2],
        "llama-bpe" or "dbrx" => [Llama3(@"\p{N}{1,3}")],
        "qwen2" => [Llama3(@"\p{N}")],
        "qwen35" =>
        [
            @"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*" + Spaces,
        ],
        "seed-coder" => [@"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+" + Spaces],
        "bailingmoe" => [@"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
        "tekken" => [Cased.Replace("#", "", StringComparison.Ordinal) + @"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + Spaces],
        "gpt-4o" =>
        [
            Cased.Replace("#", "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?", StringComparison.Ordinal) + @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + Spaces,
        ],
        "deepseek-v3" =>
        [
            @"\p{N}{1,3}", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+",
            @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*" + Spaces,
        ],
        "deepseek-coder" => ["[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[\u0800-\u9FA5\uAC00-\uD7FF]+", @"\p{N}"],
        _ => [@"[\p{P}$+<=>^~|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"],
    };

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("smollm")]
    [InlineData("llama-bpe")]
    [InlineData("dbrx")]
    [InlineData("qwen2")]
    [InlineData("qwen35")]
    [InlineData("seed-coder")]
    [InlineData("bailingmoe")]
    [InlineData("tekken")]
    [InlineData("gpt-4o")]
    [InlineData("deepseek-v3")]
    [InlineData("deepseek-coder")]
    [InlineData("default")]
    public void Scanner_cuts_as_the_published_expressions_do(string name)
    {
        var passes = Passes(name);
        var expressions = Array.ConvertAll(passes, pass => new Regex(pass, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10)));
        var root = new Prng(11);
        for (var i = 0; i < FuzzScale.Times(10_000); i++)
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
        for (var i = 0; i < FuzzScale.Times(5_000); i++)
        {
            var text = RandomText.Next(root.Split((ulong)i), broken: true);
            foreach (var name in PreTokenizer.Names)
            {
                Assert.Equal(text, string.Concat(Pieces(name, text)));
            }
        }
    }

    /// <summary>A million characters of one kind, or of kinds in turn, take time in proportion: no scanner looks far ahead again and again.</summary>
    [Fact]
    public void Long_runs_take_linear_time()
    {
        string[] units = ["a", "A", "Aa", "中", "中A", "\u0301", "1", "1 ", " ", "\t", "\n", " \n", "+", "+1", "+ ", "'", "\u0001", "\u0001+", "\u3000", "。", "。 ", "a。"];
        foreach (var scanner in PreTokenizerRule.All.DistinctBy(rule => rule.Scanner))
        {
            foreach (var unit in units)
            {
                var text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length / 4));
                var watch = System.Diagnostics.Stopwatch.StartNew();
                var pieces = 0;
                for (var start = 0; start < text.Length; pieces++)
                {
                    start = scanner.Scanner.EndOfPiece(text, start);
                }

                Assert.InRange(pieces, 1, text.Length);
                Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{scanner.Name}, {unit}: {watch.Elapsed}"); // Milliseconds; minutes if it were quadratic.
            }
        }
    }

    [Fact]
    public void Unknown_name_is_refused_with_the_list()
    {
        var error = Assert.Throws<InvalidFormatException>(() => PreTokenizer.Get("viking"));
        Assert.Contains("'viking'", error.Message, StringComparison.Ordinal);
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
