using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Rubato.Inference.Caching;
using Rubato.Inference.Models;
using Rubato.Inference.Sampling;
using Rubato.Kernels.Threading;
using Rubato.Serving;

namespace Rubato.Inference.Execution;

/// <summary>Executes step plans on the processor: one forward pass for all slices, then one token for each slice that samples.</summary>
/// <remarks>
/// A sequence's tokens depend on its prompt and sampling parameters only, never on what else runs in the same steps. Not
/// thread-safe: one step at a time.
/// </remarks>
public sealed class CpuExecutor : IStepExecutor, IDisposable
{
    private readonly ForwardPass _pass;
    private readonly WorkerGang _gang;
    private readonly Sampler _sampler = new();

    /// <summary>Runs <paramref name="model"/> over <paramref name="cache"/> on <paramref name="gang"/>; all three must outlive it. Executors may share a gang: they take turns, step by step.</summary>
    public CpuExecutor(DecoderModel model, KvCache cache, WorkerGang gang)
    {
        _pass = new(model, cache, gang);
        _gang = gang;
    }

    /// <summary>Allocates for steps of up to this size, so that the first ones are not slower than the rest.</summary>
    /// <param name="tokens">Tokens in a step.</param>
    /// <param name="samples">Slices that sample in a step.</param>
    public void Reserve(int tokens, int samples) => _pass.Reserve(tokens, samples);

    /// <inheritdoc/>
    /// <remarks>Allocates nothing but the result. Where the logits are not finite, the sampled token carries a <see cref="SampledToken.Failure"/> and ends its request.</remarks>
    public StepResult Execute(StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return _gang.RunInTurn((Executor: this, Plan: plan), static step => step.Executor.Run(step.Plan));
    }

    private StepResult Run(StepPlan plan)
    {
        _pass.Clear();
        foreach (var slice in plan.Slices)
        {
            var rows = slice.HiddenStates switch
            {
                HiddenStateUse.All => slice.Tokens.Length,
                HiddenStateUse.Last => 1,
                _ => slice.Samples ? 1 : 0,
            };
            _pass.Append(slice.Start, slice.Tokens.AsSpan(), slice.Blocks.AsSpan(), rows, slice.HiddenStates != HiddenStateUse.None);
        }

        _pass.Run();
        var tokens = new SampledToken[_pass.LogitRows];
        var next = 0;
        foreach (var slice in plan.Slices)
        {
            if (slice.Samples)
            {
                tokens[next] = Sample(slice, _pass.Logits(next));
                next++;
            }
        }

        return new(ImmutableCollectionsMarshal.AsImmutableArray(tokens)) { HiddenStates = _pass.HiddenRows == 0 ? [] : ReadHiddenStates(plan) };
    }

    /// <summary>Frees the activations.</summary>
    public void Dispose() => _pass.Dispose();

    private ImmutableArray<HiddenStates> ReadHiddenStates(StepPlan plan)
    {
        var states = ImmutableArray.CreateBuilder<HiddenStates>();
        var next = 0;
        foreach (var slice in plan.Slices.Where(slice => slice.HiddenStates != HiddenStateUse.None))
        {
            var count = slice.HiddenStates == HiddenStateUse.All ? slice.Tokens.Length : 1;
            var width = _pass.HiddenState(next).Length;
            var values = new float[count * width];
            for (var row = 0; row < count; row++)
            {
                _pass.HiddenState(next++).CopyTo(values.AsSpan(row * width));
            }

            states.Add(new(slice.Request, slice.Start + slice.Tokens.Length - count, width, values));
        }

        return states.DrainToImmutable();
    }

    private SampledToken Sample(SequenceSlice slice, ReadOnlySpan<float> logits)
    {
        var position = slice.Start + slice.Tokens.Length;
        return _sampler.TryChoose(logits, slice.Sampling, position, slice.History ?? default, slice.Constraint, out var choice)
            ? new(slice.Request, choice.Token, LogProbabilities: choice.LogProbabilities)
            : new(slice.Request, 0, EndsRequest: true)
            {
                Failure = Sampler.IsDrawable(logits)
                    ? $"No token may come at position {position}: the constraint of this request forbids all."
                    : $"The model gave no finite logits at position {position}: its weights are damaged or too large for single precision.",
            };
    }
}
