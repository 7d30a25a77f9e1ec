using Rubato.Serving.Memory.Arenas;
using Rubato.Serving.Switching;
using Rubato.Simulation.Serving.Profiles;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>One simulated serving study: a machine, a system, a workload, a seed.</summary>
public sealed record ServingStudyOptions
{
    /// <summary>The machine and the model.</summary>
    public required ServingProfile Profile { get; init; }

    /// <summary>Name of the system, one of <see cref="ServingStudy.Systems"/>. Default fastswitch.</summary>
    public string Policy { get; init; } = "fastswitch";

    /// <summary>By which rules it runs.</summary>
    public StudyRules Rules { get; init; }

    /// <summary>Name of the service policy; null for trace when priorities are laid down, else for the system's own.</summary>
    public string? Fairness { get; init; }

    /// <summary>How priorities are laid down.</summary>
    public PriorityPattern Priorities { get; init; }

    /// <summary>Steps between updates of priorities; null for the policy's own.</summary>
    public int? UpdateEvery { get; init; }

    /// <summary>Sizes of block groups; null for the system's own.</summary>
    public GroupSizes? Groups { get; init; }

    /// <summary>Blocks of the swap arena; null for the profile's.</summary>
    public int? SwapBlocks { get; init; }

    /// <summary>What is served.</summary>
    public required StudyWorkload Workload { get; init; }

    /// <summary>Repeats the run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Chance out of 1,000 that a transfer fails.</summary>
    public int FailPerMille { get; init; }

    /// <summary>Changes the system before it runs: for ablations; null changes nothing.</summary>
    public Func<SwitchingOptions, SwitchingOptions>? Adjust { get; init; }
}
