using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving.Checkers;

/// <summary>Safety: the blocks hold what the step reads.</summary>
/// <remarks>
/// Where a kernel would write the keys and values of a position, it writes what they depend on: all tokens up to there, and the salt. Catches
/// stale blocks after a preemption, wrong block tables, skipped positions, and a block shared by sequences that differ before its end.
/// </remarks>
public sealed class KvContentChecker(IScheduler scheduler) : ServingObserver
{
    private readonly Dictionary<(BlockId Block, int Offset), int> _memory = [];
    private readonly Dictionary<string, int> _roots = [];
    private readonly Dictionary<(int Before, int Token), int> _beginnings = [];
    private readonly Dictionary<RequestId, Beginnings> _sequences = [];

    /// <inheritdoc/>
    public override void Admitted(Request request, AdmissionOutcome outcome, Instant now)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (outcome == AdmissionOutcome.Admitted)
        {
            _roots.TryAdd(request.CacheSalt, -1 - _roots.Count);
            var sequence = new Beginnings(_roots[request.CacheSalt], []);
            foreach (var token in request.PromptTokens)
            {
                Append(sequence, token);
            }

            _sequences[request.Id] = sequence;
        }
    }

    /// <inheritdoc/>
    public override void Planned(StepPlan plan, Instant now)
    {
        ArgumentNullException.ThrowIfNull(plan);
        foreach (var slice in plan.Slices)
        {
            var sequence = _sequences[slice.Request];
            Check.Invariant(slice.Start < sequence.At.Count, $"step {plan.Step}: token {slice.Start} of {slice.Request} was never emitted");
            for (var position = 0; position < slice.Start; position++)
            {
                var found = _memory.GetValueOrDefault(Address(slice, position), int.MinValue);
                Check.Invariant(
                    found == sequence.At[position],
                    $"step {plan.Step}: {slice.Request} reads position {position} and finds beginning {found}, not {sequence.At[position]}");
            }
        }

        foreach (var slice in plan.Slices)
        {
            var sequence = _sequences[slice.Request];
            var before = slice.Start == 0 ? sequence.Root : sequence.At[slice.Start - 1];
            for (var i = 0; i < slice.Tokens.Length; i++)
            {
                before = Beginning(before, slice.Tokens[i]);
                _memory[Address(slice, slice.Start + i)] = before;
            }
        }
    }

    /// <inheritdoc/>
    public override void Completed(StepPlan plan, StepCompletion completion, Instant now)
    {
        ArgumentNullException.ThrowIfNull(completion);
        foreach (var token in completion.Emitted)
        {
            Append(_sequences[token.Request], token.Token);
        }

        foreach (var request in completion.Finished)
        {
            _sequences.Remove(request.Id);
        }
    }

    private void Append(Beginnings sequence, int token) => sequence.At.Add(Beginning(sequence.At.Count == 0 ? sequence.Root : sequence.At[^1], token));

    /// <summary>The number of the beginning that is <paramref name="before"/> and one token more: equal numbers, equal beginnings.</summary>
    private int Beginning(int before, int token)
    {
        _beginnings.TryAdd((before, token), _beginnings.Count);
        return _beginnings[(before, token)];
    }

    private (BlockId Block, int Offset) Address(SequenceSlice slice, int position)
    {
        var blockTokens = scheduler.Limits.BlockTokens;
        return (slice.Blocks[position / blockTokens], position % blockTokens);
    }

    /// <summary>The beginnings of one sequence, by position; <paramref name="Root"/> is the empty one, different for each salt.</summary>
    private sealed record Beginnings(int Root, List<int> At);
}
