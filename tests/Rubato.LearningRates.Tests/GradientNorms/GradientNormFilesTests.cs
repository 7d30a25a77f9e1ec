using System.Text;
using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Tests.GradientNorms;

public sealed class GradientNormFilesTests
{
    private static readonly Gen<GradientNormSequence> Norms =
        Gen.Select(Gen.Single[0, 1000], Gen.Single[0, 1000]).Array[0, 50].Select(pairs =>
            new GradientNormSequence([.. pairs.Select(pair => (double)pair.Item1)], [.. pairs.Select(pair => (double)pair.Item2)]));

    [Fact]
    public void Binary_and_text_bring_back_the_norms() =>
        Norms.Sample(norms =>
        {
            AssertSame(norms, GradientNormFile.Read(Binary(norms), "n"));
            AssertSame(norms, Read(Text(norms)));
        });

    [Theory]
    [InlineData("1\n2\n3\n", "1,2,3", "1,2,3")]
    [InlineData("# a run\r\n\r\n4\r\n2.5e1\r\n", "4,25", "4,25")]
    [InlineData("step,l1,l2\n0,3,1\n1,4,2\n", "3,4", "1,2")]
    [InlineData("\uFEFFl2 , step\n1,0\n2,1\n", "1,2", "1,2")]
    [InlineData("0,3,1\n1,4,2", "3,4", "1,2")]
    [InlineData("norm\n5\n", "5", "5")]
    [InlineData("", "", "")]
    public void Reads_the_documented_forms(string text, string l1, string l2)
    {
        var norms = Read(text);
        Assert.Equal(l1, string.Join(',', norms.L1));
        Assert.Equal(l2, string.Join(',', norms.L2));
        Assert.Equal(norms.L2, norms.For(OptimizerKind.Sgd));
        Assert.Equal(norms.L1, norms.For(OptimizerKind.Adam));
    }

    [Theory]
    [InlineData("1\nx\n", "log:2: found 'x', expected a norm")]
    [InlineData("1\n-1\n", "log:2: the norm -1 is negative")]
    [InlineData("1\n2,3\n", "log:2: has 2 columns, expected 1")]
    [InlineData("1,2\n", "log:1: has 2 columns without a head line")]
    [InlineData("epoch,loss\n", "log:1: found 'epoch,loss'")]
    [InlineData("step,l1,l2\n1,2\n", "log:2: has 2 columns, expected 3")]
    public void Names_file_and_line_of_what_it_cannot_read(string text, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidFormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Steps_that_overflowed_are_kept_for_the_refinement_to_drop()
    {
        var norms = Read("1\nnan\ninf\nInfinity\n2\n3\n");
        Assert.Equal(6, norms.Count);
        Assert.Equal(3, ScheduleRefiner.Refine(norms, new()).Values.Length);
    }

    [Fact]
    public void Broken_text_is_read_or_refused_in_one_line() =>
        Gen.OneOf(
                Gen.String,
                Junk.OneOf("1", "2.5", "step,l1,l2", ",", "\n", "nan", "-3", "1e400", "#", "\r", "\0", "l1", "  ").Array[0, 12].Select(parts => string.Concat(parts)))
            .Sample(text => ReadsOrRefuses(() => Read(text)), iter: FuzzScale.Times(50_000));

    [Fact]
    public void Broken_binary_is_read_or_refused_in_one_line() =>
        Gen.Select(Norms, Gen.Int[0, 500], Gen.Byte, Gen.Int[0, 20]).Sample((norms, at, junk, cut) =>
        {
            var bytes = Binary(norms);
            bytes[at % bytes.Length] = junk;
            ReadsOrRefuses(() => GradientNormFile.Read(bytes.AsSpan()[..Math.Max(0, bytes.Length - cut)], "log"));
        }, iter: FuzzScale.Times(50_000));

    [Fact]
    public void A_long_run_stores_block_means()
    {
        var log = new GradientNormLog(2_000_001);
        Assert.Equal(21, log.BlockLength);
        for (var i = 0; i < 50; i++)
        {
            log.Add(i, 2 * i);
        }

        var norms = log.ToSequence();
        Assert.Equal(3, log.Count);
        Assert.Equal([10, 31, 45.5], norms.L1);
        Assert.Equal([20, 62, 91], norms.L2);
        Assert.Equal(1, new GradientNormLog(1_000_000).BlockLength);
    }

    private static void ReadsOrRefuses(Func<GradientNormSequence> read)
    {
        try
        {
            Assert.True(read().Count >= 0);
        }
        catch (InvalidFormatException refused)
        {
            Assert.NotEmpty(refused.Message);
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    private static GradientNormSequence Read(string text) => GradientNormText.Read(new StringReader(text), "log");

    private static byte[] Binary(GradientNormSequence norms)
    {
        var stream = new MemoryStream();
        GradientNormFile.Write(stream, norms);
        return stream.ToArray();
    }

    private static string Text(GradientNormSequence norms)
    {
        var text = new StringWriter(new StringBuilder());
        GradientNormText.Write(text, norms);
        return text.ToString();
    }

    private static void AssertSame(GradientNormSequence expected, GradientNormSequence actual)
    {
        Assert.Equal(expected.L1, actual.L1);
        Assert.Equal(expected.L2, actual.L2);
    }
}
