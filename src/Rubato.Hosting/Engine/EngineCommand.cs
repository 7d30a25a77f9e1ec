using System.Collections.Immutable;

namespace Rubato.Hosting.Engine;

/// <summary>An input of the engine loop, handed over through its channel.</summary>
internal abstract record EngineCommand
{
    /// <summary>Admit all of these sequences or none.</summary>
    public sealed record Submit(ImmutableArray<GenerationRequest> Requests, TaskCompletionSource<Submission> Answer) : EngineCommand;

    /// <summary>The reader of this generation has left.</summary>
    public sealed record Cancel(GenerationHandle Generation) : EngineCommand;

    /// <summary>The scheduler asked to be called again about now.</summary>
    public sealed record Wake : EngineCommand
    {
        public static Wake Instance { get; } = new();
    }

    /// <summary>Take nothing new; end when idle.</summary>
    public sealed record Drain : EngineCommand;

    /// <summary>Break off what still runs, then end.</summary>
    public sealed record Stop : EngineCommand;
}
