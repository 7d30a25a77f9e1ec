using System.Text;
using Rubato.Core;
using Rubato.Models.Corpora;
using Rubato.Models.Tests.Files;

namespace Rubato.Models.Tests.Corpora;

public sealed class XmlDocumentationCorpusTests
{
    [Fact]
    public void Member_becomes_a_readable_document()
    {
        var document = Assert.Single(Documents("""
            <member name="M:System.String.Join(System.String,System.String[])">
              <summary>Concatenates all the elements of a   <see cref="T:System.String" />
                array, see <see cref="M:System.String.Concat(System.Object)">the other way</see>.</summary>
              <param name="separator">The string to use as a separator. <paramref name="separator" /> is included only between elements.</param>
              <exception cref="T:System.ArgumentNullException"><paramref name="value" /> is <see langword="null" /> or was never set.

            -or-

            The <c>other</c> value is missing.</exception>
              <remarks><para>First remark about this method.</para><para>Second remark, which is longer.</para>
                <list type="table"><listheader><term>Head</term></listheader><item><term>One case</term><description>what happens in it</description></item></list>
                <code>
                  dropped();
                  lines();
                </code></remarks>
              <returns>A string that consists of all the elements &amp; separators.</returns>
              <example>Not wanted at all, this one.</example>
            </member>
            """));
        Assert.Equal(
            """
            System.String.Join

            Concatenates all the elements of a String array, see the other way.

            First remark about this method.

            Second remark, which is longer.

            One case: what happens in it

            separator: The string to use as a separator. separator is included only between elements.

            Returns: A string that consists of all the elements & separators.

            Throws ArgumentNullException: value is null or was never set. Or: The other value is missing.
            """,
            document.Text);
    }

    [Fact]
    public void Repeated_sentences_are_dropped_before_the_split()
    {
        var corpus = Read(Members(
            ("T:A", "Initializes a new instance of the <see cref=\"T:A\" /> class."),
            ("T:B", "Initializes a new instance of the <see cref=\"T:B\" /> class."),
            ("T:C", "Something else entirely is said here."),
            ("T:D", "something else  entirely is said here."),
            ("T:E", "A third thing to say about it.")));
        Assert.Equal(["T:A", "T:C", "T:E"], All(corpus).Select(document => document.Id).Order());
        Assert.Equal((1, 1), (corpus.Statistics.ExactDuplicates, corpus.Statistics.NearDuplicates));
    }

    [Fact]
    public void Of_a_member_in_two_files_the_first_counts()
    {
        using var folder = new TemporaryFolder();
        var first = Write(folder, "a.xml", Members(("T:A", "The first text about this."), ("T:B", "Another text about that.")));
        var second = Write(folder, "b.xml", Members(("T:A", "A second and different text.")));
        Assert.Contains(All(XmlDocumentationCorpus.Read([first, second])), document => document.Text.Contains("The first text", StringComparison.Ordinal));
        Assert.DoesNotContain(All(XmlDocumentationCorpus.Read([first, second])), document => document.Text.Contains("A second", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<doc><members><member name=\"T:A\"><summary>x")]
    [InlineData("<!DOCTYPE doc [<!ENTITY a \"b\">]><doc>&a;</doc>")]
    [InlineData("not xml")]
    public void Broken_files_are_refused_by_name(string content)
    {
        using var folder = new TemporaryFolder();
        var file = Write(folder, "broken.xml", content);
        var error = Assert.Throws<InvalidFormatException>(() => XmlDocumentationCorpus.Read([file]));
        Assert.Contains("broken.xml", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Deeply_nested_elements_are_read_without_recursion()
    {
        var depth = 100_000;
        var text = string.Concat(Enumerable.Repeat("<para>", depth)) + "deep words are in here" + string.Concat(Enumerable.Repeat("</para>", depth));
        Assert.Contains("deep words", Assert.Single(Documents($"<member name=\"T:A\"><summary>{text}</summary></member>")).Text, StringComparison.Ordinal);
    }

    /// <summary>The corpus of the SDK on this machine: large enough, the same every time, and nothing held out is in the training text.</summary>
    [Fact]
    public void Installed_documentation_makes_a_clean_corpus()
    {
        var corpus = XmlDocumentationCorpus.Load();
        Assert.InRange(corpus.Statistics.TrainingBytes, 3_000_000, 40_000_000);
        Assert.InRange(corpus.Statistics.ValidationBytes, 150_000, 300_000);
        var training = string.Join("\n\n", corpus.TrainingDocuments.Select(document => document.Text));
        var held = corpus.ValidationDocuments.SelectMany(document => document.Paragraphs).Select(paragraph => paragraph.Text).ToList();
        Assert.Equal(held.Count, held.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        // Every thirtieth here; NothingHeldOutIsInTheTrainingText checks all of them on small corpora.
        Assert.All(held.Where((_, i) => i % 30 == 0), text => Assert.DoesNotContain(text, training, StringComparison.Ordinal));
        var titles = corpus.TrainingDocuments.Select(document => document.Title).ToHashSet();
        Assert.DoesNotContain(corpus.ValidationDocuments, document => titles.Contains(document.Title));
        Assert.DoesNotContain(All(corpus), document => document.Text.Contains('\uE000', StringComparison.Ordinal));
        AssertQuestionsFollowTheSplit(corpus);
    }

    private static void AssertQuestionsFollowTheSplit(Corpus corpus)
    {
        var examples = ChatExamples.From(corpus, seed: 1);
        Assert.InRange(examples.Training.Length, 10_000, 200_000);
        Assert.InRange(examples.Validation.Length, 500, 10_000);
        var held = corpus.ValidationDocuments.SelectMany(document => document.Paragraphs).Select(paragraph => paragraph.Text).ToHashSet();
        Assert.DoesNotContain(examples.Training, example => held.Contains(example.Messages[^1].Content));
        Assert.Equal(
            examples.Training.Take(100).Select(example => string.Join('|', example.Messages)),
            ChatExamples.From(corpus, seed: 1).Training.Take(100).Select(example => string.Join('|', example.Messages)));
    }

    private static IEnumerable<CorpusDocument> All(Corpus corpus) => corpus.TrainingDocuments.Concat(corpus.ValidationDocuments);

    private static IEnumerable<CorpusDocument> Documents(string members) => All(Read($"<doc><members>{members}</members></doc>"));

    private static string Members(params (string Id, string Summary)[] members) =>
        $"<doc><members>{string.Concat(members.Select(member => $"<member name=\"{member.Id}\"><summary>{member.Summary}</summary></member>"))}</members></doc>";

    private static Corpus Read(string content)
    {
        using var folder = new TemporaryFolder();
        return XmlDocumentationCorpus.Read([Write(folder, "a.xml", content)]);
    }

    private static string Write(TemporaryFolder folder, string name, string content)
    {
        var path = folder.Path(name);
        File.WriteAllText(path, content, Encoding.UTF8);
        return path;
    }
}
