namespace Rubato.LearningRates.Reproduction;

/// <summary>A publication whose claims are put beside our numbers.</summary>
public enum PaperSystem
{
    /// <summary>Chen, Wolfe, Kyrillidis, "REX: Revisiting Budgeted Training with an Improved Schedule", MLSys 2022.</summary>
    Rex,

    /// <summary>Tang, Dong, Zeng, Zhou, Lin, "Stepsize anything: A unified learning rate schedule for budgeted-iteration training", NeurIPS 2025.</summary>
    Uba,

    /// <summary>Defazio, Cutkosky, Mehta, Mishchenko, "When, Why and How Much? Adaptive Learning Rate Scheduling by Refinement", arXiv 2310.07831.</summary>
    Refinement,
}
