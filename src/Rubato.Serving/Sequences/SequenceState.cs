using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Memory;
using Rubato.Serving.Switching;

namespace Rubato.Serving;

/// <summary>The changing state of one admitted request: its tokens, how many of them are computed, and its KV blocks.</summary>
internal sealed class SequenceState(Request request, long arrivalNumber, Instant admittedAt, string salt) : IScheduledSequence
{
    // Only ever appended to; a longer array takes over what is there, so that views of the old one stay true.
    private int[] _output = [];

    public Request Request => request;

    public RequestId Id => request.Id;

    public string Client => request.Client;

    public string User => request.User;

    public int Priority => request.Priority;

    public int OutputTokensMax => request.OutputTokensMax;

    public PolicyNotes Notes { get; } = new();

    public Instant? FirstTokenAt { get; private set; }

    public Instant? LastTokenAt { get; private set; }

    public int TokensSinceResumed { get; set; }

    public int BlocksWanted { get; set; }

    public bool IsResident => Phase == SequencePhase.Running;

    public int MatchedTokens { get; set; }

    /// <summary>Which conversation it continues: its swap blocks lie behind those of the earlier turns.</summary>
    public long Conversation { get; set; } = arrivalNumber;

    /// <summary>Only sequences of the same salt share blocks.</summary>
    public string Salt { get; } = salt;

    /// <summary>The contents of its full, computed blocks, in order; kept while it is swapped out.</summary>
    public List<KvNode> Nodes { get; } = [];

    /// <summary>While it is swapped out: what was in its last block, when that was not full.</summary>
    public KvNode? Tail { get; set; }

    /// <summary>Transfers that must end before it can run.</summary>
    public List<TransferRecord> WaitsFor { get; } = [];

    /// <summary>Blocks that this selection keeps from newcomers for it.</summary>
    public int ReservedBlocks { get; set; }

    public long ArrivalNumber { get; } = arrivalNumber;

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

    /// <summary>Tokens of the prompt whose keys and values were in the cache when the sequence first ran; null before.</summary>
    public int? CachedTokens { get; private set; }

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

    /// <summary>Copies the known tokens from <paramref name="start"/> on, as many as are asked for.</summary>
    public void CopyTokens(int start, Span<int> tokens)
    {
        var (prompt, output) = TokensFrom(start, tokens.Length);
        prompt.CopyTo(tokens);
        output.CopyTo(tokens[prompt.Length..]);
    }

    /// <summary>Whether the known tokens from <paramref name="start"/> on are these.</summary>
    public bool HasTokens(int start, ReadOnlySpan<int> tokens)
    {
        var (prompt, output) = TokensFrom(start, tokens.Length);
        return prompt.SequenceEqual(tokens[..prompt.Length]) && output.SequenceEqual(tokens[prompt.Length..]);
    }

    /// <summary>Takes its place on the device; the first <paramref name="computedTokens"/> tokens need not be computed.</summary>
    public void Start(int computedTokens)
    {
        ComputedTokens = computedTokens;
        ComputedTokensMax = Math.Max(ComputedTokensMax, computedTokens);
        CachedTokens ??= computedTokens;
        TokensSinceResumed = 0;
    }

    public void AdvanceTo(int computedTokens)
    {
        Check.Invariant(
            computedTokens > ComputedTokens && computedTokens <= KnownTokens,
            $"{Id}: {ComputedTokens} to {computedTokens} of {KnownTokens}");
        ComputedTokens = computedTokens;
        ComputedTokensMax = Math.Max(ComputedTokensMax, computedTokens);
    }

    public void Append(int token, Instant now)
    {
        FirstTokenAt ??= now;
        LastTokenAt = now;
        TokensSinceResumed++;
        if (OutputTokens == _output.Length)
        {
            Array.Resize(ref _output, Math.Max(16, 2 * OutputTokens));
        }

        _output[OutputTokens++] = token;
    }

    /// <summary>Forgets what was computed: generated tokens stay, keys and values go.</summary>
    public void ForgetComputed() => ComputedTokens = 0;

    private SpanPair TokensFrom(int start, int count)
    {
        var ofPrompt = Math.Clamp(PromptTokens - start, 0, count);
        return new(
            request.PromptTokens.AsSpan(Math.Min(start, PromptTokens), ofPrompt),
            _output.AsSpan(Math.Max(0, start - PromptTokens), count - ofPrompt));
    }

    /// <summary>Consecutive tokens: those of the prompt, then those of the output.</summary>
    private readonly ref struct SpanPair(ReadOnlySpan<int> prompt, ReadOnlySpan<int> output)
    {
        private readonly ReadOnlySpan<int> _prompt = prompt;
        private readonly ReadOnlySpan<int> _output = output;

        public void Deconstruct(out ReadOnlySpan<int> prompt, out ReadOnlySpan<int> output)
        {
            prompt = _prompt;
            output = _output;
        }
    }
}
