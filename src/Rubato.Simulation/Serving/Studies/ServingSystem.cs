using Rubato.Core;
using Rubato.Serving.Memory.Arenas;
using Rubato.Serving.Switching;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>A published way to serve, as values of the one scheduler and of the link.</summary>
/// <param name="Name">Its name in flags and reports.</param>
/// <param name="Title">What it is, in a line.</param>
internal sealed record ServingSystem(string Name, string Title)
{
    private const double PrototypeRunBlocks = 20;
    private const double EverythingAtOnce = 1e9;

    /// <summary>The paper's group sizes.</summary>
    private static readonly GroupSizes PaperGroups = new(60, 16);

    private static readonly SwitchingOptions BlockByBlock = new()
    {
        Allocator = BlockAllocators.Stack,
        Timing = SwitchTiming.Synchronous,
        KeepCopies = false,
        Undo = false,
        QuantumTokens = 0,
        Batch = BatchForm.PromptsFirst,
    };

    private static readonly SwitchingOptions Groups = BlockByBlock with { Allocator = BlockAllocators.Groups, Groups = PaperGroups };

    private static readonly SwitchingOptions GroupsAsync = Groups with { Timing = SwitchTiming.Asynchronous };

    /// <summary>How sequences leave and come back.</summary>
    public required SwitchingOptions Switching { get; init; }

    /// <summary>Who is served next when nobody says so.</summary>
    public string Fairness { get; init; } = "fcfs";

    /// <summary>Whether full blocks are found by their tokens.</summary>
    public bool PrefixCaching { get; init; } = true;

    /// <summary>Whether it has a swap arena.</summary>
    public bool HasSwap { get; init; } = true;

    /// <summary>Whether a block lies in one piece, whatever the profile says.</summary>
    public bool IsBlockMajor { get; init; }

    /// <summary>Blocks per copy call; null: the runs as they are.</summary>
    public double? RunBlocks { get; init; }

    /// <summary>Blocks per copy call under the rules of the prototype.</summary>
    public double PrototypeRuns { get; init; } = PrototypeRunBlocks;

    /// <summary>Whether copies in wait for all copies out before them: one stream.</summary>
    public bool IsOneStream { get; init; }

    /// <summary>Whether steps wait for the calls of copies in only: their bytes hide behind the layers that do not need them yet.</summary>
    public bool HidesBytesIn { get; init; }

    /// <summary>Whether copies are free.</summary>
    public bool IsZeroCost { get; init; }

    /// <summary>All systems, from the oldest to the oracle.</summary>
    public static IReadOnlyList<ServingSystem> All { get; } =
    [
        new("vllm-0.1.7", "block by block, synchronous calls; each layer waits for its own copies")
        {
            Switching = BlockByBlock, PrefixCaching = true, RunBlocks = 1, PrototypeRuns = 1, IsOneStream = true, HidesBytesIn = true,
        },
        new("vllm-0.3", "block by block, synchronous, the swap copy freed at every swap-in: the paper's baseline")
        {
            Switching = BlockByBlock, RunBlocks = 1, PrototypeRuns = 1, IsOneStream = true,
        },
        new("vllm-0.3-recompute", "victims are dropped and computed again; no prefix cache")
        {
            Switching = BlockByBlock with { Preemption = PreemptionMode.Recompute, CopyFinishedTurns = false }, HasSwap = false, PrefixCaching = false,
        },
        new("vllm-v1", "victims are dropped and computed again, but for what the prefix cache still has; chunked prefill")
        {
            Switching = BlockByBlock with { Preemption = PreemptionMode.Recompute, CopyFinishedTurns = false, Batch = BatchForm.Mixed }, HasSwap = false,
        },
        new("vllm-v1-offload", "vllm-v1 with full blocks written through to a swap tier, in one piece each, and loaded asynchronously")
        {
            Switching = BlockByBlock with
            {
                Preemption = PreemptionMode.Recompute,
                Timing = SwitchTiming.Asynchronous,
                KeepCopies = true,
                WriteThrough = true,
                Batch = BatchForm.Mixed,
            },
            IsBlockMajor = true, RunBlocks = 1, PrototypeRuns = 1,
        },
        new("slot-copy", "the whole state of a sequence is copied out and back inside the serving loop")
        {
            Switching = Groups with { Batch = BatchForm.Mixed }, IsBlockMajor = true, RunBlocks = EverythingAtOnce, PrototypeRuns = EverythingAtOnce, IsOneStream = true,
        },
        new("groups", "vllm-0.3 with block groups") { Switching = Groups, IsOneStream = true },
        new("groups-async", "and copies beside the steps") { Switching = GroupsAsync },
        new("fastswitch", "and copies that stay valid, undo, an adaptive choice to wait; the engine's own way")
        {
            Switching = new(), Fairness = "vtc-preemptive",
        },
        new("zero-cost", "fastswitch with copies that cost nothing: the oracle")
        {
            Switching = new(), Fairness = "vtc-preemptive", IsZeroCost = true,
        },
    ];

    /// <summary>The names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(system => system.Name)];

    /// <summary>The system of that name.</summary>
    /// <exception cref="InvalidOptionException">There is none; the message lists all.</exception>
    public static ServingSystem Find(string name) =>
        All.FirstOrDefault(system => system.Name == name)
        ?? throw new InvalidOptionException($"The policy '{name}' is not known; use one of: {string.Join(", ", Names)}.");

    /// <summary>Its switching under the rules of the prototype, in which the systems differ in what the paper adds step by step, and in nothing else.</summary>
    public SwitchingOptions PrototypeSwitching => Switching with
    {
        Batch = BatchForm.PromptsFirst,
        Victims = VictimRule.AllUnselected,
        QuantumTokens = 0,
        CopyFinishedTurns = HasSwap,
        Timing = Switching.Timing == SwitchTiming.Adaptive ? SwitchTiming.Asynchronous : Switching.Timing,
    };
}
