using System.Text;
using Rubato.Core;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.Tokenizers;

public sealed class StopSequenceMatcherTests
{
    [Fact]
    public void Text_ends_before_the_sequence_that_is_complete_first()
    {
        var root = new Prng(21);
        for (var i = 0; i < 50_000; i++)
        {
            var random = root.Split((ulong)i);
            string[] stops = [.. Enumerable.Range(0, random.NextInt32(4)).Select(_ => Word(random, random.NextInt32(1, 5)))];
            var text = Word(random, random.NextInt32(20));
            var (expected, matched) = Search(text, stops);
            var matcher = new StopSequenceMatcher(stops);
            var emitted = new StringBuilder();
            for (var start = 0; start < text.Length;)
            {
                var end = Math.Min(text.Length, start + random.NextInt32(1, 4));
                emitted.Append(matcher.Append(text[start..end]));
                Assert.StartsWith(emitted.ToString(), expected, StringComparison.Ordinal);
                start = end;
            }

            emitted.Append(matcher.Flush());
            Assert.Equal(expected, emitted.ToString());
            Assert.Equal(matched, matcher.Matched);
        }
    }

    [Fact]
    public void Only_what_may_begin_a_sequence_is_held_back()
    {
        var matcher = new StopSequenceMatcher(["\nUser:"]);
        Assert.Equal("Hello", matcher.Append("Hello\nUs"));
        Assert.Equal("\nUs ", matcher.Append(" "));
        Assert.Equal("", matcher.Append("\nUser"));
        Assert.Equal("\nUser", matcher.Flush());
        Assert.Null(matcher.Matched);
    }

    [Fact]
    public void Nothing_follows_a_match()
    {
        var matcher = new StopSequenceMatcher(["ab", "b"]);
        Assert.Equal("x", matcher.Append("xabab"));
        Assert.Equal("ab", matcher.Matched);
        Assert.Equal("", matcher.Append("more"));
        Assert.Equal("", matcher.Flush());
    }

    [Fact]
    public void Empty_sequences_are_refused() => Assert.Throws<ArgumentException>(() => new StopSequenceMatcher([""]));

    private static string Word(Prng random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.NextInt32(3))));

    private static (string Text, string? Matched) Search(string text, string[] stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            if (stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length) is { } found)
            {
                return (text[..(end - found.Length)], found);
            }
        }

        return (text, null);
    }
}
