namespace Rubato.LearningRates.Reproduction;

/// <summary>Where a claim was read.</summary>
public enum ClaimProvenance
{
    /// <summary>In the text of the paper: abstract, caption or table.</summary>
    Paper,

    /// <summary>In public source code.</summary>
    Code,
}

/// <summary>Something that a publication or its code says.</summary>
/// <param name="Id">A short name.</param>
/// <param name="Text">What is claimed, in our words.</param>
/// <param name="Provenance">Where it was read.</param>
/// <param name="Source">The place.</param>
public sealed record PaperClaim(string Id, string Text, ClaimProvenance Provenance, string Source);

/// <summary>A claim with what our results say about it.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Verdict">What our results say.</param>
/// <param name="Ours">Our numbers, each beside the published one where there is one.</param>
/// <param name="Reason">Why the verdict is what it is.</param>
public sealed record ClaimVerdict(PaperClaim Claim, Verdict Verdict, IReadOnlyList<string> Ours, string Reason);

/// <summary>A row of Table 1 of the REX paper: shares, in per cent, of cells in which a schedule ends among the best one or three.</summary>
/// <param name="Schedule">The schedule by our name.</param>
/// <param name="LowTop1">At budgets below 25 %.</param>
/// <param name="LowTop3">At budgets below 25 %.</param>
/// <param name="HighTop1">At budgets from 25 % on.</param>
/// <param name="HighTop3">At budgets from 25 % on.</param>
/// <param name="AllTop1">Over all budgets.</param>
/// <param name="AllTop3">Over all budgets.</param>
public sealed record RexTableRow(string Schedule, int LowTop1, int LowTop3, int HighTop1, int HighTop3, int AllTop1, int AllTop3);

/// <summary>A polynomial that the authors of the refinement paper plotted beside a refined schedule.</summary>
/// <param name="Problem">Their problem.</param>
/// <param name="Warmup">Share of the warm-up.</param>
/// <param name="Exponent">Exponent of the decay.</param>
public sealed record PlottedPolynomial(string Problem, double Warmup, double Exponent);
