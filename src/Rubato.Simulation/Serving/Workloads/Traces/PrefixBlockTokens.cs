using System.Collections.Immutable;
using Rubato.Core;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>The tokens of a request whose prompt is named in blocks. What it answers is what its next turn is asked with.</summary>
/// <param name="blocks">Names of the prompt's blocks.</param>
/// <param name="blockTokens">Tokens of a block.</param>
/// <param name="inputTokens">Tokens of the prompt.</param>
/// <param name="key">Whatever comes after the prompt, if there is no next turn, nobody else has.</param>
internal sealed class PrefixBlockTokens(ImmutableArray<int> blocks, int blockTokens, int inputTokens, ulong key) : ITokenSource
{
    private const ulong OwnTokens = 1UL << 40;

    /// <summary>The next turn; its prompt says what this one was answered.</summary>
    public PrefixBlockTokens? Next { get; set; }

    /// <summary>Positions up to here are named by blocks that are full, and the same in the next turn.</summary>
    private int FullTokens => (blocks.Length - 1) * blockTokens;

    public int At(int position)
    {
        var turn = this;
        while (turn.Next is { } next && position >= turn.FullTokens && position < next.InputTokens)
        {
            turn = next;
        }

        return turn.Own(position);
    }

    private int InputTokens => inputTokens;

    private int Own(int position) => position < inputTokens
        ? SimulatedTokens.At((ulong)blocks[position / blockTokens], position % blockTokens)
        : SimulatedTokens.At(Prng.Mix(OwnTokens, key), position);
}
