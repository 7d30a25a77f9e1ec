namespace Rubato.Core.Tests;

public sealed class CheckTests
{
    [Fact]
    public void Invariant_WhenBroken_NamesConditionAndState()
    {
        var free = 3;
        var total = 2;
        var error = Assert.Throws<InvariantViolationException>(() => Check.Invariant(free <= total, $"free {free} of {total}, seed {42}"));
        Assert.Contains("free <= total", error.Message);
        Assert.Contains("free 3 of 2, seed 42", error.Message);
    }

    [Fact]
    public void Invariant_WhenItHolds_DoesNotFormatTheState()
    {
        var formatted = false;
        string Describe()
        {
            formatted = true;
            return "state";
        }

        Check.Invariant(1 + 1 == 2, $"{Describe()}");
        Assert.False(formatted);
    }
}
