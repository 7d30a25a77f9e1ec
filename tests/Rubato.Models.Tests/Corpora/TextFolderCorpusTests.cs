using System.Text;
using Rubato.Core;
using Rubato.Models.Corpora;
using Rubato.Models.Tests.Files;

namespace Rubato.Models.Tests.Corpora;

public sealed class TextFolderCorpusTests
{
    private static readonly string[] Words =
        ["river", "stone", "walks", "slowly", "under", "bright", "green", "moon", "speaks", "never", "again", "a", "the", "of", "and", "quiet", "house", "sings", "tall", "into"];

    [Fact]
    public void Nothing_held_out_is_in_the_training_text()
    {
        var root = new Prng(61);
        for (var run = 0; run < 30; run++)
        {
            using var folder = new TemporaryFolder();
            var random = root.Split((ulong)run);
            var paragraphs = Enumerable.Range(0, 400).Select(_ => Paragraph(random)).ToList();
            // Repeats of whole paragraphs, and long paragraphs that hold short ones.
            paragraphs.AddRange(Enumerable.Range(0, 60).Select(_ => paragraphs[random.NextInt32(400)]));
            paragraphs.AddRange(Enumerable.Range(0, 60).Select(_ => $"And {paragraphs[random.NextInt32(400)]} {Paragraph(random)}"));
            Write(folder, "a.txt", paragraphs[..250]);
            Write(folder, "b.md", paragraphs[250..]);
            var corpus = TextFolderCorpus.Load(folder.Root, new() { ValidationShare = 6 });
            var training = string.Join("\n\n", corpus.TrainingDocuments.Select(document => document.Text));
            var held = corpus.ValidationDocuments.SelectMany(document => document.Paragraphs).Select(paragraph => paragraph.Text).ToList();
            Assert.NotEmpty(held);
            Assert.All(held, text => Assert.DoesNotContain(text, training, StringComparison.Ordinal));
            Assert.Equal(held.Count, held.Distinct().Count());
            Assert.Equal(corpus.Fingerprint, TextFolderCorpus.Load(folder.Root, new() { ValidationShare = 6 }).Fingerprint);
        }
    }

    [Fact]
    public void Invalid_bytes_are_replaced_and_counted()
    {
        using var folder = new TemporaryFolder();
        var random = new Prng(62);
        Write(folder, "a.txt", [.. Enumerable.Range(0, 200).Select(_ => Paragraph(random))]);
        File.WriteAllBytes(folder.Path("b.txt"), [.. "three words and "u8, 0xFF, 0xC3, .. " more words here"u8]);
        var corpus = TextFolderCorpus.Load(folder.Root);
        Assert.Equal(2, corpus.Statistics.InvalidBytes);
        Assert.Contains(
            corpus.TrainingDocuments.Concat(corpus.ValidationDocuments),
            document => document.Text.Contains("words and \uFFFD\uFFFD more", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_used_is_refused_with_a_remedy()
    {
        using var folder = new TemporaryFolder();
        AssertRefused(folder.Path("missing"), "no such file or folder");
        AssertRefused(folder.Root, "holds no .txt or .md file");
        Write(folder, "a.txt", ["Only one short paragraph is here."]);
        AssertRefused(folder.Root, "too few to split");
    }

    private static void AssertRefused(string path, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<RubatoException>(() => TextFolderCorpus.Load(path)).Message, StringComparison.Ordinal);

    private static string Paragraph(Prng random) =>
        string.Join(' ', Enumerable.Range(0, random.NextInt32(6, 30)).Select(_ => Words[random.NextInt32(Words.Length)])) + ".";

    private static void Write(TemporaryFolder folder, string name, IReadOnlyList<string> paragraphs) =>
        File.WriteAllText(folder.Path(name), string.Join("\n\n", paragraphs), Encoding.UTF8);
}
