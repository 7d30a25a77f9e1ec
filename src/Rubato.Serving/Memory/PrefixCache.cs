using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Serving.Memory;

/// <summary>Keys and values of equal beginnings are computed once: full blocks are found by their tokens and shared.</summary>
/// <remarks>
/// <para>Every full, computed block of a running sequence is published, and equal content lies in one block: where two sequences
/// computed the same, the later takes over the block of the earlier. So a sequence that holds a block holds its parents too, and
/// content loses its memory before its parent does.</para>
/// <para>Source of the shape: Kwon et al., "PagedAttention", SOSP 2023; Zheng et al., "SGLang", 2024.</para>
/// </remarks>
internal sealed class PrefixCache(BlockPool pool, int blockTokens)
{
    private readonly int[] _tokens = new int[blockTokens];
    private readonly List<BlockId> _found = [];

    /// <summary>The blocks that hold the beginning of a waiting sequence. At least its last token is left to compute.</summary>
    public ImmutableArray<BlockId> Find(SequenceState sequence)
    {
        _found.Clear();
        var parent = default(BlockContent);
        for (var index = 0; index < BlocksMax(sequence); index++)
        {
            parent = pool.Find(KeyOf(sequence, index, parent));
            if (parent is null)
            {
                break;
            }

            _found.Add(parent.Block);
        }

        return [.. _found];
    }

    /// <summary>Whether a running sequence is about to compute the next block that a waiting sequence needs: waiting for it is cheaper.</summary>
    /// <param name="sequence">The waiting sequence.</param>
    /// <param name="found">What <see cref="Find"/> gave.</param>
    /// <param name="running">The running sequences.</param>
    public bool IsComing(SequenceState sequence, ImmutableArray<BlockId> found, IReadOnlyList<SequenceState> running)
    {
        var next = found.Length;
        if (next >= BlocksMax(sequence))
        {
            return false;
        }

        var end = (next + 1) * blockTokens;
        sequence.CopyTokens(next * blockTokens, _tokens);
        foreach (var other in running)
        {
            // Equal content lies in one block: the block before stands for everything before.
            if (other.KnownTokens >= end
                && other.ComputedTokens < end
                && other.Request.CacheSalt == sequence.Request.CacheSalt
                && (next == 0 || other.Blocks[next - 1] == found[next - 1])
                && other.HasTokens(next * blockTokens, _tokens))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Publishes the blocks that became full since <paramref name="computedBefore"/> tokens were computed.</summary>
    public void Publish(SequenceState sequence, int computedBefore)
    {
        for (var index = computedBefore / blockTokens; (index + 1) * blockTokens <= sequence.ComputedTokens; index++)
        {
            var parent = index == 0 ? null : pool.ContentOf(sequence.Blocks[index - 1]);
            Check.Invariant(index == 0 || parent is not null, $"{sequence.Id}: block {index - 1} is not published");
            var own = sequence.Blocks[index];
            var kept = pool.Publish(own, KeyOf(sequence, index, parent));
            if (kept != own)
            {
                sequence.Blocks = sequence.Blocks.SetItem(index, kept);
            }
        }
    }

    /// <summary>Blocks that a sequence need not compute, if they are there; none when the hidden states of all positions are wanted.</summary>
    private int BlocksMax(SequenceState sequence) =>
        sequence.Request.HiddenStates == HiddenStateUse.All ? 0 : (sequence.KnownTokens - 1) / blockTokens;

    private BlockKey KeyOf(SequenceState sequence, int index, BlockContent? parent)
    {
        sequence.CopyTokens(index * blockTokens, _tokens);
        return new(parent, sequence.Request.CacheSalt, _tokens);
    }
}
