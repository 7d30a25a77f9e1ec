using System.ComponentModel.DataAnnotations;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Switching;

/// <summary>How sequences leave the device and come back: each published system is a value of this record, in the same scheduler.</summary>
/// <remarks>Source: Shen et al., "FastSwitch", 2024 (block groups, asynchronous and adaptive swaps, reuse of copies); the rest is documented at each member.</remarks>
public sealed record SwitchingOptions
{
    /// <summary>What becomes of the keys and values of a victim. Default: swap when there is a swap arena.</summary>
    public PreemptionMode Preemption { get; init; } = PreemptionMode.Swap;

    /// <summary>Blocks of the swap arena; 0 for none, and then victims are computed again. Range 0…16,777,216; default 0.</summary>
    [Range(0, 1 << 24)]
    public int SwapBlocks { get; init; }

    /// <summary>Who picks block numbers in both arenas: <c>groups</c>, <c>buddy</c> or <c>stack</c>. Default groups.</summary>
    public string Allocator { get; init; } = "groups";

    /// <summary>The sizes of block groups, under <c>groups</c> and <c>buddy</c>. Default 16/4; 60/16 in the paper's setting.</summary>
    public GroupSizes Groups { get; init; } = GroupSizes.Default;

    /// <summary>Whether steps wait for transfers. Default adaptive.</summary>
    public SwitchTiming Timing { get; init; } = SwitchTiming.Adaptive;

    /// <summary>Whether the swap copy of what was brought in stays valid, so that only new blocks move out the next time. Default true.</summary>
    public bool KeepCopies { get; init; } = true;

    /// <summary>
    /// Whether a victim's blocks stay on the device until their memory is needed, so that it can take them back without a copy. Default true.
    /// </summary>
    public bool Undo { get; init; } = true;

    /// <summary>Whether blocks are copied out as soon as they are full, by the bulk lane. Default false.</summary>
    public bool WriteThrough { get; init; }

    /// <summary>Whether the blocks of a request that ended are copied out by the bulk lane, for the next turn. Default true.</summary>
    public bool CopyFinishedTurns { get; init; } = true;

    /// <summary>Tokens that a sequence is given after it was brought in before it may be a victim again. Range 0…1,024; default 2.</summary>
    [Range(0, 1024)]
    public int QuantumTokens { get; init; } = 2;

    /// <summary>Whether selection goes on behind the first that does not fit. Default false: strict order.</summary>
    public bool SkipToFit { get; init; }

    /// <summary>Which of the unselected leave the device. Default only as many as needed.</summary>
    public VictimRule Victims { get; init; } = VictimRule.OnlyNeeded;

    /// <summary>What a step may hold. Default mixed.</summary>
    public BatchForm Batch { get; init; } = BatchForm.Mixed;

    /// <summary>Whose redundant copies go first. Default those of the most deserving.</summary>
    public ContaminationOrder Contamination { get; init; } = ContaminationOrder.HighestPriorityFirst;

    /// <summary>Whether victims are copied, rather than computed again.</summary>
    public bool Swaps => Preemption == PreemptionMode.Swap && SwapBlocks > 0;
}
