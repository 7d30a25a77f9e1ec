using System.Globalization;
using Rubato.Cli.CommandLine;
using Rubato.Inference.Evaluation;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Models.Tokenizers;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato eval perplexity</c>: perplexity as llama-perplexity defines it.</summary>
internal static class EvalPerplexityCommand
{
    public static VerbCommand Create()
    {
        var options = new EvalTextOptions();
        var command = new VerbCommand(
            "perplexity",
            "Perplexity of a model on a text, by the definition of llama-perplexity: windows side by side, the second half of each scored.",
            "rubato eval perplexity --model models/rubato-tiny.gguf --file README.md",
            "rubato eval perplexity --model model.gguf --file wiki.test.raw --context 512 --json");
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            using var model = DecoderModel.Open(parsed.GetRequiredValue(options.Model), CommandPacking.For(options.Threads(parsed)));
            using var gang = new WorkerGang(options.Threads(parsed));
            var windows = options.Read(parsed, Tokenizer.FromGguf(model.File.Metadata));
            Perplexity perplexity;
            using (var progress = new ProgressLine("scoring"))
            {
                perplexity = PerplexityEvaluator.Measure(model, gang, windows, progress.Report, options.KeyValues(parsed));
            }

            var result = new PerplexityResult(perplexity.Value, perplexity.StandardError, windows.Window, windows.Count, perplexity.ScoredTokens);
            ResultOutput.Write(parsed, result, output => output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"perplexity {result.Perplexity:F4} ± {result.StandardError:F4} ({result.Windows:N0} windows of {result.Context} tokens, {result.ScoredTokens:N0} scored)")));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>What --json prints.</summary>
    private sealed record PerplexityResult(double Perplexity, double StandardError, int Context, int Windows, long ScoredTokens);
}
