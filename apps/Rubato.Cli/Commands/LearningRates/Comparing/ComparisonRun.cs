using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rubato.LearningRates.Comparison;
using Rubato.Models.Files;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>Runs an experiment to its end, with its log and its files in a folder if there is one.</summary>
internal static class ComparisonRun
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Trains what is missing and summarises all.</summary>
    /// <param name="comparison">What to do.</param>
    /// <param name="folder">Where log and results go; null for nowhere.</param>
    /// <param name="stop">Ends it; what is done stays in the log.</param>
    public static ComparisonSummary Complete(ScheduleComparison comparison, string? folder, CancellationToken stop)
    {
        var summary = ComparisonSummary.Of(comparison.Settings, Train(comparison, folder, stop));
        if (folder is not null)
        {
            WriteFiles(folder, summary);
        }

        return summary;
    }

    /// <summary>Trains what is missing; all records, old and new.</summary>
    public static IReadOnlyList<CellRecord> Train(ScheduleComparison comparison, string? folder, CancellationToken stop)
    {
        using var results = folder is null ? null : ResultFolder.Open(folder, comparison.Settings);
        var records = new List<CellRecord>(results?.Done ?? []);
        try
        {
            using var progress = new ComparisonProgress(comparison, records);
            foreach (var record in comparison.Run([.. records], stop))
            {
                results?.Add(record);
                records.Add(record);
                progress.Report(record);
            }
        }
        catch (OperationCanceledException) when (results is not null)
        {
            Console.Error.WriteLine($"rubato: stopped with {records.Count:N0} of {comparison.Plan().Count():N0} runs done; the same command goes on from there.");
            throw;
        }

        return records;
    }

    /// <summary>The summary as one JSON document.</summary>
    public static string ToJson(ComparisonSummary summary) => JsonSerializer.Serialize(summary, Json);

    private static void WriteFiles(string folder, ComparisonSummary summary)
    {
        Write("summary.json", writer => writer.Write(ToJson(summary) + "\n"));
        Write("ranking.json", writer => writer.Write(JsonSerializer.Serialize(new { summary.Settings, summary.Rankings }, Json) + "\n"));
        Write("results.csv", writer => ComparisonTables.WriteCsv(writer, summary));
        Write("ranking.md", writer => ComparisonTables.WriteMarkdown(writer, summary));
        RankPicture.Save(folder, summary);

        void Write(string name, Action<TextWriter> write) => AtomicFile.Write(Path.Combine(folder, name), stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            write(writer);
        });
    }
}
