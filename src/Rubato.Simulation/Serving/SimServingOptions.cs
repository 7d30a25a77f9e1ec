using Rubato.Core;

namespace Rubato.Simulation.Serving;

/// <summary>How a simulated serving run is made and what it leaves behind.</summary>
public sealed record SimServingOptions
{
    /// <summary>Draw a small run.</summary>
    public bool Lite { get; init; }

    /// <summary>Use these parameters instead of drawing them from the seed.</summary>
    public ServingParameters? Parameters { get; init; }

    /// <summary>Turns prefix caching on or off, whatever the parameters say; null leaves it to them.</summary>
    public bool? PrefixCaching { get; init; }

    /// <summary>Gets the seed, the parameters, one line per change of state, and the verdict; null for none.</summary>
    public TextWriter? Log { get; init; }

    /// <summary>Gets the journal of the run, as a live server records it; null for none.</summary>
    public Stream? Journal { get; init; }

    /// <summary>Gets the timeline; null for none.</summary>
    public ITraceSink? Trace { get; init; }
}
