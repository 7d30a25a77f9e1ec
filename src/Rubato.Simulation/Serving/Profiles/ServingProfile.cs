using Rubato.Simulation.Serving.Links;

namespace Rubato.Simulation.Serving.Profiles;

/// <summary>One model on one machine, as far as scheduling is concerned: what steps and copies cost, what fits, and who says so.</summary>
public sealed record ServingProfile
{
    /// <summary>Its name, as flags and reports have it.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>What steps cost.</summary>
    public required ComputeProfile Compute { get; init; }

    /// <summary>What fits.</summary>
    public required MemoryProfile Memory { get; init; }

    /// <summary>What copies cost.</summary>
    public required LinkProfile Link { get; init; }

    /// <summary>Where the numbers come from, by the part of the profile that they are in.</summary>
    public required IReadOnlyDictionary<string, string> Sources { get; init; }
}
