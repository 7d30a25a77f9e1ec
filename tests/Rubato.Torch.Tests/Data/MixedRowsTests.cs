using CsCheck;
using Rubato.Torch.Data;

namespace Rubato.Torch.Tests.Data;

public sealed class MixedRowsTests
{
    [Fact]
    public void Deals_both_sources_in_order_and_in_proportion() => Gen.Double[0, 0.99].Sample(share =>
    {
        var mixed = new MixedRows(new Numbered(0), new Numbered(1_000_000), share);
        var dealt = Enumerable.Range(0, 500).Select(row => ShuffledRowsTests.Read(mixed, row).Inputs[0]).ToList();
        var (main, admixture) = (dealt.Where(row => row < 1_000_000).ToList(), dealt.Where(row => row >= 1_000_000).ToList());
        Assert.Equal(Enumerable.Range(0, main.Count).Select(row => (long)row), main);
        Assert.Equal(Enumerable.Range(1_000_000, admixture.Count).Select(row => (long)row), admixture);
        Assert.InRange(admixture.Count, 500 * share - 1.01, 500 * share + 1.01);
    }, iter: 100);

    private sealed class Numbered(long first) : ITrainingRows
    {
        public int Sequence => 1;

        public long RowsPerEpoch => 1000;

        public void Read(long row, Span<long> inputs, Span<long> targets) => inputs[0] = first + row;
    }
}
