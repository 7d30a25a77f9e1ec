using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Feedback;

namespace Rubato.LearningRates.Tests.Feedback;

public sealed class PlateauControllerTests
{
    [Fact]
    public void Cuts_once_patience_is_over_and_waits_again()
    {
        var plateau = new PlateauController();
        double[] multipliers = [.. Enumerable.Range(0, 21).Select(i => plateau.Observe(1.0, i / 100.0))];
        Assert.Equal(Enumerable.Repeat(1.0, 6), multipliers[..6]);
        Assert.Equal(0.1, multipliers[6], 1e-15);
        Assert.Equal(0.01, multipliers[12], 1e-15);
        Assert.Equal(0.001, multipliers[18], 1e-15);
    }

    [Fact]
    public void A_loss_that_keeps_falling_is_never_cut() =>
        Gen.Double[0.001, 0.5].Sample(fall =>
        {
            var plateau = new PlateauController();
            Assert.All(Enumerable.Range(0, 101), i => Assert.Equal(1, plateau.Observe(Math.Pow(1 - fall, i), i / 100.0)));
        });

    [Fact]
    public void Cooldown_delays_the_next_cut_and_the_lowest_multiplier_holds()
    {
        var plateau = new PlateauController(new() { Patience = 0.02, Cooldown = 0.1, Factor = 0.5, Lowest = 0.3 });
        double[] multipliers = [.. Enumerable.Range(0, 40).Select(i => plateau.Observe(i == 0 ? 1 : double.NaN, i / 100.0))];
        Assert.Equal(0.5, multipliers[3]);
        Assert.Equal(0.5, multipliers[12]);
        Assert.Equal(0.3, multipliers[^1]);
    }

    [Fact]
    public void A_restored_controller_goes_on_the_same() =>
        Gen.Select(Gen.Double[0, 2].Array[50], Gen.Int[0, 49]).Sample((losses, at) =>
        {
            var whole = new PlateauController();
            var first = new PlateauController();
            PlateauController second = first;
            for (var i = 0; i < losses.Length; i++)
            {
                second = i == at ? new(null, first.State) : second;
                Assert.Equal(whole.Observe(losses[i], i / 50.0), second.Observe(losses[i], i / 50.0));
            }

            Assert.Equal(whole.State, second.State);
        });

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        Assert.Contains("factor", Assert.Throws<InvalidOptionException>(() => new PlateauController(new() { Factor = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("patience", Assert.Throws<InvalidOptionException>(() => new PlateauController(new() { Patience = double.NaN })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlateauController().Observe(1, 2));
    }
}
