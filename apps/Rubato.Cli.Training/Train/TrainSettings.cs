using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rubato.Models.Gguf;
using Rubato.Torch.Llama;
using Rubato.Torch.Training;

namespace Rubato.Cli.Training.Train;

/// <summary>What the user asked <c>rubato train</c> for.</summary>
internal sealed record TrainSettings
{
    private const int LongestSchedule = 200;

    public required TrainerOptions Trainer { get; init; }

    public required ModelSize Size { get; init; }

    public required bool TiedHead { get; init; }

    public required MatrixPrecision Precision { get; init; }

    public required int Sequence { get; init; }

    public required int ContextLength { get; init; }

    public required ulong Seed { get; init; }

    public string? CorpusPath { get; init; }

    public string? InitialModel { get; init; }

    public required bool Chat { get; init; }

    public required double CorpusShare { get; init; }

    public required string Out { get; init; }

    public required GgmlType Type { get; init; }

    public required string Name { get; init; }

    public string? RunFolder { get; init; }

    public string? NormsFile { get; init; }

    /// <summary>Whether the norms that the schedule was to be refined from collapsed, so that a simpler curve takes its place.</summary>
    public bool Degenerate { get; init; }

    public required bool Resume { get; init; }

    public int? Threads { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>All that decides the weights beside data and machine, by the names of the options.</summary>
    public ImmutableSortedDictionary<string, string> Recipe() => ImmutableSortedDictionary<string, string>.Empty
        .Add("budget", Trainer.Budget.ToString())
        .Add("schedule", ScheduleText)
        .Add("lr", Text(Trainer.LearningRate))
        .Add("clip", Text(Trainer.GradientClip))
        .Add("weight-decay", Text(Trainer.Optimizer.WeightDecay))
        .Add("precision", Precision.ToString().ToLowerInvariant())
        .Add("batch", Text(Trainer.Batch))
        .Add("accumulate", Text(Trainer.Accumulate))
        .Add("sequence", Text(Sequence))
        .Add("seed", Seed.ToString(CultureInfo.InvariantCulture))
        .Add("chat", Chat ? $"with {Text(CorpusShare)} of the rows from the corpus" : "no")
        .Add("init", InitialModel is null ? "random" : $"{Path.GetFileName(InitialModel)} {Sha256(InitialModel)}");

    /// <summary>The schedule's text; a long one, such as the table of a refined schedule, by its beginning and its hash.</summary>
    public string ScheduleText => Trainer.Schedule.ToString() is { Length: > LongestSchedule } text
        ? $"{text[..LongestSchedule]}… sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}"
        : Trainer.Schedule.ToString();

    private static string Sha256(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
