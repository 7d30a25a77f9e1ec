using CsCheck;

namespace Rubato.Core.Tests;

public sealed class DeterministicMathTests
{
    private const double UnitsInLastPlaceMax = 2;

    [Fact]
    public void Log_OverAllMagnitudes_IsWithinTwoUnitsOfThePlatform() =>
        Gen.Double[1e-300, 1e300].Select(Gen.Int[-1000, 1000], (x, e) => Math.ScaleB(x, e / 4))
            .Where(x => x > 0 && double.IsFinite(x))
            .Sample(x => AssertClose(Math.Log(x), DeterministicMath.Log(x), x), iter: 50_000);

    [Fact]
    public void Log_NearOne_KeepsItsRelativeAccuracy() =>
        Gen.Double[-0.5, 0.5].Select(t => 1 + t * t * t).Where(x => x != 1)
            .Sample(x => AssertClose(Math.Log(x), DeterministicMath.Log(x), x), iter: 50_000);

    [Fact]
    public void Exp_OverItsRange_IsWithinTwoUnitsOfThePlatform() =>
        Gen.Double[-708, 709].Sample(x => AssertClose(Math.Exp(x), DeterministicMath.Exp(x), x), iter: 50_000);

    [Fact]
    public void Exp_OfTinyArguments_KeepsItsAccuracy() =>
        Gen.Double[-1e-3, 1e-3].Sample(x => AssertClose(Math.Exp(x), DeterministicMath.Exp(x), x), iter: 20_000);

    [Fact]
    public void SpecialValues_FollowTheFloatingPointRules()
    {
        Assert.Equal(double.NegativeInfinity, DeterministicMath.Log(0));
        Assert.Equal(double.PositiveInfinity, DeterministicMath.Log(double.PositiveInfinity));
        Assert.True(double.IsNaN(DeterministicMath.Log(-1)));
        Assert.True(double.IsNaN(DeterministicMath.Log(double.NaN)));
        Assert.Equal(0, DeterministicMath.Log(1));
        Assert.Equal(1, DeterministicMath.Exp(0));
        Assert.Equal(double.PositiveInfinity, DeterministicMath.Exp(710));
        Assert.Equal(double.PositiveInfinity, DeterministicMath.Exp(double.PositiveInfinity));
        Assert.Equal(0, DeterministicMath.Exp(-746));
        Assert.Equal(0, DeterministicMath.Exp(double.NegativeInfinity));
        Assert.True(double.IsNaN(DeterministicMath.Exp(double.NaN)));
        Assert.Equal(Math.Log(double.Epsilon), DeterministicMath.Log(double.Epsilon), 1e-12);
    }

    private static void AssertClose(double expected, double actual, double argument)
    {
        var unit = Math.Max(Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected), double.Epsilon);
        Assert.True(
            Math.Abs(actual - expected) <= UnitsInLastPlaceMax * unit,
            $"argument {argument:R}: expected {expected:R}, got {actual:R}, {Math.Abs(actual - expected) / unit} units apart");
    }
}
