using System.Collections.Immutable;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>A model without arithmetic: the token at a position follows from the request's script.</summary>
internal sealed class SimulatedExecutor(IReadOnlyDictionary<RequestId, RequestScript> scripts) : IStepExecutor
{
    private readonly ImmutableArray<SampledToken>.Builder _tokens = ImmutableArray.CreateBuilder<SampledToken>();

    public StepResult Execute(StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _tokens.Clear();
        foreach (var slice in plan.Slices)
        {
            if (slice.Samples)
            {
                _tokens.Add(Sample(slice));
            }
        }

        return new(_tokens.ToImmutable());
    }

    private SampledToken Sample(SequenceSlice slice)
    {
        var script = scripts[slice.Request];
        var position = slice.Start + slice.Tokens.Length;
        var outputTokens = position - script.Request.PromptTokens.Length + 1;
        return new(slice.Request, script.TokenAt(position), EndsRequest: outputTokens == script.StopStringTokens);
    }
}
