namespace Rubato.LearningRates.Reproduction;

/// <summary>All that is held against our results, with its provenance. Numbers that were not read in a paper or in code have no place here.</summary>
public static class PaperClaims
{
    private const string RexTable = "REX, Table 1";
    private const string RexFigure = "REX, caption of Figure 1";
    private const string UbaAbstract = "UBA, abstract";
    private const string RefinementAbstract = "Refinement, abstract";

    /// <summary>Table 1 of the REX paper, as far as its rows could be read; those of step, cosine, plateau and REX could not.</summary>
    public static IReadOnlyList<RexTableRow> RexTable1 { get; } =
    [
        new("constant", 0, 0, 2, 10, 1, 5),
        new("exponential", 5, 7, 5, 14, 5, 11),
        new("onecycle", 15, 49, 12, 40, 13, 45),
        new("linear", 10, 78, 12, 62, 11, 70),
    ];

    /// <summary>The schedules that the REX paper compares.</summary>
    public static IReadOnlyList<string> RexSchedules { get; } = ["constant", "exponential", "linear", "step(50-75)", "cosine", "plateau", "onecycle", "rex"];

    /// <summary>UBA at three parameters and the schedules in common use that it is held against here.</summary>
    public static IReadOnlyList<string> UbaSchedules { get; } = ["constant", "exponential", "linear", "step(50-75)", "cosine", "onecycle", "rex", "uba(phi=0.25)", "uba", "uba(phi=5)"];

    /// <summary>Default schedules, linear decay and what is refined from it.</summary>
    public static IReadOnlyList<string> RefinementSchedules { get; } = ["constant", "inverse-sqrt(1 steps)", "inverse-time(1 steps)", "step(50-75)", "exponential", "cosine", "linear", "refined"];

    /// <summary>Warm-up and exponent of the polynomials in the published figures of refined schedules, where there is one.</summary>
    public static IReadOnlyList<PlottedPolynomial> Plotted { get; } =
    [
        new("DLRM", 0.20, 0.9), new("GPT", 0.28, 1.0), new("RoBERTa", 0.45, 0.8), new("MRI", 0.40, 0.9), new("RCNN", 0.00, 1.5), new("ImageNet RN-50", 0.01, 3.0),
    ];

    /// <summary>By average rank REX is best at both ends of the budget with both optimizers.</summary>
    public static PaperClaim RexRank { get; } =
        new("rank", "REX has the best average rank at low (below 25 %) and high budgets, with SGD with momentum and with Adam.", ClaimProvenance.Paper, RexFigure);

    /// <summary>Shares of the best one and three.</summary>
    public static PaperClaim RexShares { get; } =
        new("table", "The share of cells in which a schedule is among the best three rises in the order none, exponential, one-cycle, linear, at low and at high budgets.", ClaimProvenance.Paper, RexTable);

    /// <summary>The workloads.</summary>
    public static PaperClaim RexWorkloads { get; } =
        new("workloads", "82 cells of seven settings: image classification, object detection and natural language.", ClaimProvenance.Paper, "REX, abstract and Figure 1");

    /// <summary>The formula.</summary>
    public static PaperClaim RexFormula { get; } =
        new("formula", "The profile is (1 − u) / (1 − u/2).", ClaimProvenance.Code, "kozistr/pytorch_optimizer (rex), kohya-ss/musubi-tuner (the constants ½ + ½), google/init2winit (optlrschedule)");

    /// <summary>UBA is better than what is in use.</summary>
    public static PaperClaim UbaBetter { get; } =
        new("better", "UBA is consistently better than commonly used schedules, across budgets.", ClaimProvenance.Paper, UbaAbstract);

    /// <summary>φ is tied to the condition number.</summary>
    public static PaperClaim UbaCondition { get; } =
        new("condition", "Its one parameter is tied to the condition number of the problem.", ClaimProvenance.Paper, UbaAbstract);

    /// <summary>The formula.</summary>
    public static PaperClaim UbaFormula { get; } =
        new("formula", "The rate is 2 (1 + cos θ) / (2φ + (2 − φ)(1 + cos θ)) of its range.", ClaimProvenance.Code, "a public re-implementation that quotes it (class UBAScheduler of a Galaxy10 training script)");

    /// <summary>The workloads.</summary>
    public static PaperClaim UbaWorkloads { get; } =
        new("workloads", "Vision models and pre-training of language models at several sizes.", ClaimProvenance.Paper, UbaAbstract);

    /// <summary>Linear decay is at least as good as every default.</summary>
    public static PaperClaim LinearBest { get; } =
        new("linear", "Linear decay matches or beats every default schedule, cosine included.", ClaimProvenance.Paper, RefinementAbstract);

    /// <summary>Refinement is better still.</summary>
    public static PaperClaim RefinedBetter { get; } =
        new("refined", "Refining the schedule from gradient norms gains further.", ClaimProvenance.Paper, RefinementAbstract);

    /// <summary>The polynomials in the figures.</summary>
    public static PaperClaim RefinedPolynomials { get; } =
        new("polynomials", "Refined schedules of six problems look like a warm-up and a polynomial decay with exponents 0.8 to 3.", ClaimProvenance.Code, "facebookresearch/adaptive_scheduling, constants of the figures");

    /// <summary>The workloads.</summary>
    public static PaperClaim RefinementWorkloads { get; } =
        new("workloads", "Ten deep-learning problems and a series of language models (beside logistic regressions, which can be tested).", ClaimProvenance.Paper, RefinementAbstract);
}
