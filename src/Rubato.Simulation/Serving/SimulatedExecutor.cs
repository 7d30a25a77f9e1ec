using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>A model without arithmetic: the token at a position follows from the request's script.</summary>
internal sealed class SimulatedExecutor(IReadOnlyDictionary<RequestId, RequestScript> scripts) : IStepExecutor
{
    public StepResult Execute(StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new([.. plan.Slices.Where(slice => slice.Samples).Select(Sample)]);
    }

    private SampledToken Sample(SequenceSlice slice)
    {
        var script = scripts[slice.Request];
        var position = slice.Start + slice.Tokens.Length;
        var outputTokens = position - script.Request.PromptTokens.Length + 1;
        return new(slice.Request, script.TokenAt(position), EndsRequest: outputTokens == script.StopStringTokens);
    }
}
