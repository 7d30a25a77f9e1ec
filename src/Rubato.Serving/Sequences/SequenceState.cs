using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Serving;

/// <summary>The changing state of one admitted request: its tokens, how many of them are computed, and its KV blocks.</summary>
internal sealed class SequenceState(Request request, long arrivalNumber, Instant admittedAt) : IScheduledSequence
{
    // Only ever appended to; a longer array takes over what is there, so that views of the old one stay true.
    private int[] _output = [];

    public Request Request => request;

    public RequestId Id => request.Id;

    public string Client => request.Client;

    public long ArrivalNumber => arrivalNumber;

    public Instant AdmittedAt => admittedAt;

    public int PromptTokens => request.PromptTokens.Length;

    public int OutputTokens { get; private set; }

    public bool NeedsHistory => request.Constraint is not null || request.Sampling.NeedsHistory;

    public TokenHistory History => new(request.PromptTokens, _output.AsMemory(0, OutputTokens));

    public int BlocksHeld => Blocks.Length;

    public SequencePhase Phase { get; set; }

    public ImmutableArray<BlockId> Blocks { get; set; } = [];

    public int ComputedTokens { get; private set; }

    /// <summary>The most tokens that were ever computed: what lies below is recomputation after a preemption.</summary>
    public int ComputedTokensMax { get; private set; }

    /// <summary>Part of the outstanding plan: its blocks are being read and written.</summary>
    public bool InFlight { get; set; }

    /// <summary>Cancelled while in flight; ends when the outstanding plan completes.</summary>
    public bool CancelRequested { get; set; }

    /// <summary>Prompt and generated tokens: everything that can be fed.</summary>
    public int KnownTokens => PromptTokens + OutputTokens;

    public int PendingTokens => KnownTokens - ComputedTokens;

    /// <summary>One token stands between the sequence and its next sample (a decode step, or the last token of a prefill).</summary>
    public bool IsDecoding => PendingTokens == 1;

    /// <summary>Positions that will ever be fed: the last generated token never is.</summary>
    public int FedTokensMax => PromptTokens + request.OutputTokensMax - 1;

    /// <summary>The known tokens at positions <paramref name="start"/> … <paramref name="start"/> + <paramref name="count"/> − 1.</summary>
    public ImmutableArray<int> TokensAt(int start, int count)
    {
        if (start + count <= PromptTokens)
        {
            return request.PromptTokens.Slice(start, count);
        }

        var tokens = ImmutableArray.CreateBuilder<int>(count);
        for (var position = start; position < start + count; position++)
        {
            tokens.Add(position < PromptTokens ? request.PromptTokens[position] : _output[position - PromptTokens]);
        }

        return tokens.MoveToImmutable();
    }

    public void AdvanceTo(int computedTokens)
    {
        Check.Invariant(
            computedTokens > ComputedTokens && computedTokens <= KnownTokens,
            $"{Id}: {ComputedTokens} to {computedTokens} of {KnownTokens}");
        ComputedTokens = computedTokens;
        ComputedTokensMax = Math.Max(ComputedTokensMax, computedTokens);
    }

    public void Append(int token)
    {
        if (OutputTokens == _output.Length)
        {
            Array.Resize(ref _output, Math.Max(16, 2 * OutputTokens));
        }

        _output[OutputTokens++] = token;
    }

    /// <summary>Forgets what was computed (recompute mode): generated tokens stay, keys and values go.</summary>
    public ImmutableArray<BlockId> TakeBlocks()
    {
        var blocks = Blocks;
        Blocks = [];
        ComputedTokens = 0;
        return blocks;
    }
}
