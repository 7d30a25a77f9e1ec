using System.Globalization;
using Rubato.Models;

namespace Rubato.Cli.Training.Train;

/// <summary>What a run says before and after, and in the model file.</summary>
internal static class TrainText
{
    /// <summary>Says what is going to be trained.</summary>
    public static void Describe(TrainSettings settings, ModelConfiguration c, TrainData data, TextWriter log)
    {
        var options = settings.Trainer;
        var perUpdate = (long)options.Batch * options.Accumulate * settings.Sequence;
        var updatesPerEpoch = data.Rows.RowsPerEpoch * settings.Sequence / (double)perUpdate;
        log.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"model: {c.ParameterCount / 1e6:F2} M parameters ({c.BlockCount} blocks of width {c.EmbeddingLength}, "
            + $"{c.HeadCount}/{c.KeyValueHeadCount} heads, feed-forward {c.FeedForwardLength}), context {c.ContextLength}"));
        log.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"budget {options.Budget}, {perUpdate} tokens per update, {updatesPerEpoch:F0} updates per epoch, "
            + $"lr {options.LearningRate}, {settings.ScheduleText}"));
        if (settings.Degenerate)
        {
            log.WriteLine($"warning: the recorded norms collapse, the refined curve would be a spike; trains with {options.Schedule} instead");
        }
    }

    /// <summary>Says what came out.</summary>
    public static void Print(TrainResult result, TextWriter output)
    {
        if (result.Finished)
        {
            output.WriteLine(FormattableString.Invariant(
                $"held out: {result.ValidationLoss:F4} nats/token, {result.BitsPerByte:F4} bits/byte"));
            output.WriteLine($"model: {result.Model}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Steps} steps, {result.Tokens} tokens, {result.Epochs:F2} epochs, "
            + $"{result.TokensPerSecond:F0} tokens/s, utilisation {result.Utilisation:P1}"));
    }

    /// <summary>The metadata of the model file: name, licence, and how it was trained.</summary>
    public static Dictionary<string, string> Metadata(TrainSettings settings, TrainResult result, TrainData data)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["general.name"] = settings.Name,
            ["general.description"] = $"Trained by Rubato on {data.Corpus.Name}",
            ["general.license"] = "mit",
            ["rubato.corpus"] = data.Corpus.Name,
            ["rubato.corpus.sha256"] = data.Corpus.Fingerprint,
            ["rubato.train.validation_loss"] = result.ValidationLoss?.ToString("F4", CultureInfo.InvariantCulture) ?? "",
            ["rubato.train.tokens"] = result.Tokens.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (key, value) in result.Settings)
        {
            metadata["rubato.train." + key.Replace('-', '_')] = value;
        }

        return metadata;
    }
}
