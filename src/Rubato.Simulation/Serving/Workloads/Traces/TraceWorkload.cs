using Rubato.Core;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>Turns traces into requests.</summary>
internal static class TraceWorkload
{
    /// <summary>Requests at the times of the trace; those without a client come from clients of their own, a session of turns from one.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="scaling">Fewer tokens, slower arrivals.</param>
    /// <param name="count">Requests to take, from the first on; null: all.</param>
    public static IWorkload Create(RequestTrace trace, TraceScaling scaling, int? count)
    {
        scaling.ValidatedFor(trace);
        var rows = trace.Rows.AsSpan()[..Math.Min(trace.Rows.Length, count ?? int.MaxValue)];
        var tokens = trace.Format == TraceFormat.Mooncake ? Sources(rows, scaling) : null;
        var parents = trace.Format == TraceFormat.Mooncake ? TraceSessions.Parents(rows) : null;
        var clients = new string[rows.Length];
        var requests = new List<TimedRequest>(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var parent = parents?[i] ?? -1;
            clients[i] = row.Client.Length > 0 ? row.Client : parent >= 0 ? clients[parent] : FormattableString.Invariant($"c{i}");
            if (tokens is not null && parent >= 0)
            {
                tokens[parent].Next ??= tokens[i];
            }

            requests.Add(new(
                Instant.Zero + Duration.FromSeconds(row.ArrivalSeconds * scaling.Stretch),
                clients[i],
                scaling.Tokens(row.InputTokens),
                scaling.Tokens(row.OutputTokens),
                tokens?[i]));
        }

        return new TimedWorkload(requests);
    }

    private static PrefixBlockTokens[] Sources(ReadOnlySpan<TraceRow> rows, TraceScaling scaling)
    {
        var sources = new PrefixBlockTokens[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var blocks = rows[i].PrefixBlocks;
            sources[i] = new(blocks.IsEmpty ? [0] : blocks, RequestTrace.PrefixBlockTokens / scaling.Divide, scaling.Tokens(rows[i].InputTokens), (ulong)i);
        }

        return sources;
    }
}
