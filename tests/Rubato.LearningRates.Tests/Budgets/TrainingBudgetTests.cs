using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Budgets;

namespace Rubato.LearningRates.Tests.Budgets;

public sealed class TrainingBudgetTests
{
    private static readonly Gen<TrainingBudget> AnyBudget = Gen.OneOf(
        Gen.Long[1, 1_000_000_000_000_000].Select(n => new TrainingBudget(n, BudgetUnit.Steps)),
        Gen.Long[1, 1_000_000].Select(n => new TrainingBudget(n * 1000m, BudgetUnit.Tokens)),
        Gen.Int[1, 1_000_000].Select(n => new TrainingBudget(n / 1000m, BudgetUnit.Epochs)),
        Gen.Int[1, 1_000_000].Select(n => new TrainingBudget(n / 10m, BudgetUnit.Seconds)));

    [Fact]
    public void Text_and_budget_round_trip() => AnyBudget.Sample(b => Assert.Equal(b, TrainingBudget.Parse(b.ToString())));

    [Theory]
    [InlineData("2000steps", 2000, BudgetUnit.Steps, "2ksteps")]
    [InlineData("3epochs", 3, BudgetUnit.Epochs, "3epochs")]
    [InlineData("5Mtokens", 5_000_000, BudgetUnit.Tokens, "5Mtokens")]
    [InlineData("1.5k steps", 1500, BudgetUnit.Steps, "1500steps")]
    [InlineData(" 10min ", 600, BudgetUnit.Seconds, "10min")]
    [InlineData("90s", 90, BudgetUnit.Seconds, "90s")]
    [InlineData("1.5h", 5400, BudgetUnit.Seconds, "90min")]
    [InlineData("1step", 1, BudgetUnit.Steps, "1steps")]
    public void Reads_the_documented_forms(string text, int amount, BudgetUnit unit, string canonical)
    {
        var budget = TrainingBudget.Parse(text);
        Assert.Equal(new TrainingBudget(amount, unit), budget);
        Assert.Equal(canonical, budget.ToString());
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("min", "position 1")]
    [InlineData("10", "lacks a unit at position 3")]
    [InlineData("10m", "'m' at position 3")]
    [InlineData("5Xtokens", "'Xtokens' at position 2")]
    [InlineData("5Mmin", "'Mmin' at position 2")]
    [InlineData("1.2.3steps", "'1.2.3'")]
    [InlineData("0steps", "out of range")]
    [InlineData("0.5steps", "not a whole number")]
    [InlineData("-3epochs", "'-'")]
    [InlineData("99999999999999999999999999999999999999steps", "too large")]
    [InlineData("9999999999999999999999999Gsteps", "too large")]
    [InlineData("1000000000Gtokens", "out of range")]
    public void Says_what_is_wrong_and_where(string text, string part)
    {
        var message = Assert.Throws<InvalidOptionException>(() => TrainingBudget.Parse(text)).Message;
        Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Any_text_is_read_or_refused_in_one_line() =>
        Gen.String.Sample(text =>
        {
            try
            {
                Assert.True(TrainingBudget.Parse(text).Amount > 0);
            }
            catch (InvalidOptionException e)
            {
                Assert.NotEmpty(e.Message);
            }
        });

    [Fact]
    public void Progress_counts_its_own_unit_and_ends_at_one() =>
        AnyBudget.Sample(budget =>
        {
            var nothing = new TrainingCounters(0, 0, 0, Duration.Zero);
            Assert.Equal(0, budget.Progress(nothing));
            var half = budget.Unit switch
            {
                BudgetUnit.Steps => nothing with { Steps = (long)(budget.Amount / 2) },
                BudgetUnit.Tokens => nothing with { Tokens = (long)(budget.Amount / 2) },
                BudgetUnit.Epochs => nothing with { Epochs = (double)budget.Amount / 2 },
                _ => nothing with { Elapsed = Duration.FromSeconds((double)budget.Amount / 2) },
            };
            Assert.InRange(budget.Progress(half), 0, 0.5 + 1e-9);
            Assert.Equal(1, budget.Progress(new(long.MaxValue, long.MaxValue, double.MaxValue, new(long.MaxValue))));
        });
}
