using Rubato.Core;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>Reads recorded streams of requests; the first line says in which form they are.</summary>
public static class TraceReader
{
    private const string ClientHeader = "arrival_s,client,input_tokens,output_tokens";
    private const string AzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens";

    /// <summary>The trace in <paramref name="stream"/>, sorted by arrival; rows of one instant keep their order.</summary>
    /// <param name="stream">UTF-8 text; the caller's.</param>
    /// <param name="name">What messages call it, as a file name.</param>
    /// <exception cref="InvalidFormatException">The first line is of no known form, or a row breaks its form; the message has the line.</exception>
    public static RequestTrace Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new StreamReader(stream, leaveOpen: true);
        var lines = new TraceLines(reader, name);
        var first = lines.Read() ?? throw new InvalidFormatException($"{name}: it is empty.");
        var (format, rows) = first switch
        {
            ClientHeader => (TraceFormat.Clients, CsvTrace.ReadClients(lines)),
            AzureHeader => (TraceFormat.Azure, CsvTrace.ReadAzure(lines)),
            _ when first.StartsWith('{') => (TraceFormat.Mooncake, MooncakeTrace.Read(first, lines)),
            _ => throw new InvalidFormatException(
                $"{name}, line 1: it is neither the header '{ClientHeader}' nor '{AzureHeader}' nor a JSON object with timestamp, input_length, output_length and hash_ids."),
        };

        return rows.Count == 0
            ? throw new InvalidFormatException($"{name}: it has no requests.")
            : new(format, [.. FromFirst(rows.OrderBy(row => row.ArrivalSeconds))]);
    }

    private static IEnumerable<TraceRow> FromFirst(IEnumerable<TraceRow> rows)
    {
        double? first = null;
        foreach (var row in rows)
        {
            first ??= row.ArrivalSeconds;
            yield return row with { ArrivalSeconds = row.ArrivalSeconds - first.Value };
        }
    }
}
