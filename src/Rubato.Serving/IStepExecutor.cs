namespace Rubato.Serving;

/// <summary>Runs the forward pass of a plan: real kernels in a live host, a cost model in a simulated world.</summary>
public interface IStepExecutor
{
    /// <summary>Executes all slices of <paramref name="plan"/> and samples where the plan says so.</summary>
    /// <returns>One token per slice with <see cref="SequenceSlice.Samples"/>, in the order of the slices.</returns>
    StepResult Execute(StepPlan plan);
}
