namespace Rubato.Torch.Comparison;

/// <summary>How long and on what a <see cref="LanguageModelTask"/> trains.</summary>
public sealed record LanguageModelTaskOptions
{
    /// <summary>Tokens a row.</summary>
    public int Sequence { get; init; } = 64;

    /// <summary>Rows a batch.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Updates in the full budget.</summary>
    public long FullBudget { get; init; } = 150;

    /// <summary>The grid of base rates, ascending.</summary>
    public IReadOnlyList<double> BaseRates { get; init; } = [3e-3, 1e-2, 3e-2, 1e-1];
}
