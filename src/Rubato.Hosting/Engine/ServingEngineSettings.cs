using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Rubato.Hosting.Transfers;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>What a <see cref="ServingEngine"/> is built with.</summary>
public sealed record ServingEngineSettings
{
    /// <summary>The scheduler that the engine steps; from then on nobody else may touch it. A recording one records the run.</summary>
    public required IScheduler Scheduler { get; init; }

    /// <summary>Limits of the engine loop.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>The clock; tests put their own here.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Disposed in this order after the engine's last step.</summary>
    public ImmutableArray<IDisposable> Owned { get; init; } = [];

    /// <summary>Threads that the executor computes with, shown by <c>/health</c>; null when it does not say.</summary>
    public int? Threads { get; init; }

    /// <summary>Moves blocks between the device and the swap tier; null without one. The engine's from then on.</summary>
    internal TransferEngine? Transfers { get; init; }

    /// <summary>Whose meters those of the engine are, where several engines are measured together.</summary>
    internal object? MetricsScope { get; init; }

    /// <summary>Where the engine logs; null logs nothing.</summary>
    public ILoggerFactory? Logs { get; init; }
}
