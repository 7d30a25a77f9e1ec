using CsCheck;
using Rubato.Core;
using Rubato.Torch.Data;

namespace Rubato.Torch.Tests.Data;

public sealed class ShuffledRowsTests
{
    private static readonly Gen<(int Tokens, int Sequence, ulong Seed)> AnySource = Gen.Select(Gen.Int[2, 400], Gen.Int[1, 20], Gen.ULong)
        .Where(source => source.Item1 >= 2 * source.Item2);

    [Fact]
    public void A_pass_reads_every_row_once_and_a_target_is_the_next_token() => AnySource.Sample(source =>
    {
        var rows = Make(source);
        for (var epoch = 0L; epoch < 3; epoch++)
        {
            var starts = new HashSet<long>();
            for (var row = 0L; row < rows.RowsPerEpoch; row++)
            {
                var (inputs, targets) = Read(rows, epoch * rows.RowsPerEpoch + row);
                Assert.Equal(inputs.Select(token => token + 1), targets);
                Assert.True(starts.Add(inputs[0]));
                Assert.Single(starts.Select(start => start % source.Sequence).Distinct());
            }
        }
    }, iter: 100);

    [Fact]
    public void A_row_depends_on_its_number_and_the_seed_only() => AnySource.Sample(source =>
    {
        var rows = Make(source);
        var far = Read(rows, 1_000_000);
        _ = Read(rows, 3);
        Assert.Equal(far.Inputs, Read(rows, 1_000_000).Inputs);
        Assert.Equal(far.Inputs, Read(Make(source), 1_000_000).Inputs);
    }, iter: 100);

    [Fact]
    public void Text_shorter_than_two_rows_is_refused() =>
        Assert.Contains("--sequence", Assert.Throws<InvalidOptionException>(() => Make((19, 10, 1))).Message, StringComparison.Ordinal);

    internal static (long[] Inputs, long[] Targets) Read(ITrainingRows rows, long row)
    {
        var (inputs, targets) = (new long[rows.Sequence], new long[rows.Sequence]);
        rows.Read(row, inputs, targets);
        return (inputs, targets);
    }

    private static ShuffledRows Make((int Tokens, int Sequence, ulong Seed) source) =>
        new(new([.. Enumerable.Range(0, source.Tokens)], []), source.Sequence, source.Seed);
}
