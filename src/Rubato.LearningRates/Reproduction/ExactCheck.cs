namespace Rubato.LearningRates.Reproduction;

/// <summary>Something that must hold exactly, computed now.</summary>
/// <param name="Name">What is checked.</param>
/// <param name="Measured">What came out.</param>
/// <param name="Bound">What it must not exceed.</param>
/// <param name="Passed">Whether it does not.</param>
public sealed record ExactCheck(string Name, double Measured, double Bound, bool Passed)
{
    internal static ExactCheck AtMost(string name, double measured, double bound) => new(name, measured, bound, measured <= bound);
}
