using System.Collections.Immutable;

namespace Rubato.Core;

/// <summary>The line of a timeline on which an event is drawn.</summary>
/// <param name="Process">A group of lines (an instance, a machine).</param>
/// <param name="Thread">The line within the group (a request, a link, a core).</param>
public readonly record struct TraceTrack(int Process, int Thread);

/// <summary>Something that a timeline shows.</summary>
/// <param name="Track">Where it is drawn.</param>
public abstract record TraceEvent(TraceTrack Track);

/// <summary>Something that took time.</summary>
/// <param name="Track">Where it is drawn.</param>
/// <param name="Name">What it was.</param>
/// <param name="Start">When it began.</param>
/// <param name="Duration">How long it took; not negative.</param>
public sealed record TraceSpan(TraceTrack Track, string Name, Instant Start, Duration Duration) : TraceEvent(Track)
{
    /// <summary>Comma-separated categories to filter by.</summary>
    public string Category { get; init; } = "";

    /// <summary>Details shown on selection.</summary>
    public ImmutableArray<TraceArgument> Arguments { get; init; } = [];
}

/// <summary>Something that happened at one moment.</summary>
/// <param name="Track">Where it is drawn.</param>
/// <param name="Name">What it was.</param>
/// <param name="At">When.</param>
public sealed record TraceMark(TraceTrack Track, string Name, Instant At) : TraceEvent(Track)
{
    /// <summary>Comma-separated categories to filter by.</summary>
    public string Category { get; init; } = "";

    /// <summary>Details shown on selection.</summary>
    public ImmutableArray<TraceArgument> Arguments { get; init; } = [];
}

/// <summary>Values of one or more series from one moment on; drawn as a stacked area.</summary>
/// <param name="Track">Where it is drawn; counters belong to the process, the thread is ignored by viewers.</param>
/// <param name="Name">Name of the counter.</param>
/// <param name="At">When.</param>
/// <param name="Series">Name and number of each series.</param>
public sealed record TraceCounter(TraceTrack Track, string Name, Instant At, ImmutableArray<TraceArgument> Series) : TraceEvent(Track);

/// <summary>One end, or a stop on the way, of an arrow between spans.</summary>
/// <param name="Track">The track of the span that it is attached to.</param>
/// <param name="Name">What flows; equal along one arrow.</param>
/// <param name="At">A moment within that span.</param>
/// <param name="FlowId">Identity of the arrow.</param>
/// <param name="Phase">Which part of the arrow.</param>
public sealed record TraceFlow(TraceTrack Track, string Name, Instant At, long FlowId, TraceFlowPhase Phase) : TraceEvent(Track);

/// <summary>The name of a process, or of a thread within it.</summary>
/// <param name="Track">The track; its thread is ignored when the process is named.</param>
/// <param name="Name">What viewers show.</param>
/// <param name="NamesProcess">Whether the process is named, not the thread.</param>
public sealed record TraceTrackName(TraceTrack Track, string Name, bool NamesProcess) : TraceEvent(Track);

/// <summary>The parts of a flow arrow.</summary>
public enum TraceFlowPhase
{
    /// <summary>Where it starts.</summary>
    Start,

    /// <summary>A stop on the way.</summary>
    Step,

    /// <summary>Where it ends.</summary>
    End,
}
