namespace Rubato.LearningRates.Reproduction;

/// <summary>Something that must hold exactly, computed now.</summary>
/// <param name="Claim">The <see cref="PaperClaim.Id"/> of the claim that it is about.</param>
/// <param name="Name">What is checked.</param>
/// <param name="Measured">What came out.</param>
/// <param name="Bound">What it must not exceed.</param>
/// <param name="Passed">Whether it does not.</param>
public sealed record ExactCheck(string Claim, string Name, double Measured, double Bound, bool Passed)
{
    internal static ExactCheck AtMost(string claim, string name, double measured, double bound) => new(claim, name, measured, bound, measured <= bound);
}
