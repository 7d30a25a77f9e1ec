using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Tests.Comparison;

/// <summary>A task that trains nothing: its loss is a function of the cell, and it remembers what it was asked for.</summary>
internal sealed class FakeTask(string name, Func<TrainingCell, CellResult> train, double[]? rates = null, long fullBudget = 100, OptimizerKind optimizer = OptimizerKind.Sgd, bool scheduleFree = false) : IComparisonTask
{
    public List<TrainingCell> Trained { get; } = [];

    public TaskDescription Description { get; } = new()
    {
        Name = name,
        Optimizer = optimizer,
        FullBudget = fullBudget,
        BaseRates = rates ?? [0.1, 0.2, 0.4],
        Settings = "none",
        SupportsScheduleFree = scheduleFree,
    };

    /// <summary>A task whose loss is a drawn-looking but repeatable number in (0, 1).</summary>
    public static FakeTask Hashed(string name, double[]? rates = null) => new(name, cell => new(Hash(cell)) { Norms = cell.RecordNorms ? Falling(cell.Updates) : null }, rates);

    public CellResult Train(TrainingCell cell, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Trained.Add(cell);
        return train(cell);
    }

    public static GradientNormSequence Falling(long updates)
    {
        double[] norms = [.. Enumerable.Range(0, (int)updates).Select(t => 1 + 9 * Math.Exp(-t / (0.1 * updates)))];
        return new(norms, norms);
    }

    private static double Hash(TrainingCell cell)
    {
        var mixed = Rubato.Core.Prng.Mix(cell.Seed, unchecked((ulong)BitConverter.DoubleToInt64Bits(cell.BaseRate * (1 + cell.Schedule.At(cell.Updates / 2)) + cell.Updates)));
        return (1 + (mixed >> 12)) / (double)(1L << 53);
    }
}
