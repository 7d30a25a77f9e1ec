using System.CommandLine;
using System.Globalization;
using Rubato.Cli.CommandLine;
using Rubato.Inference.Evaluation;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Models.Tokenizers;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato eval kl</c>: how far a model's predictions are from a reference's.</summary>
internal static class EvalKlCommand
{
    public static VerbCommand Create()
    {
        var options = new EvalTextOptions();
        var reference = new Option<string>("--reference") { Description = "The GGUF file to compare with; it must have the same vocabulary.", HelpName = "FILE", Required = true };
        var command = new VerbCommand(
            "kl",
            "Kullback-Leibler divergence of a model's predictions from those of a reference, at the tokens that perplexity scores.",
            "rubato eval kl --model model-q4.gguf --reference model-f32.gguf --file wiki.test.raw",
            "rubato eval kl --model model.gguf --reference model.gguf --kv-format q8_0 --file wiki.test.raw",
            "rubato eval kl --model model-q8.gguf --reference model-f32.gguf --file wiki.test.raw --windows 20 --json");
        options.AddTo(command);
        command.Options.Add(reference);
        command.SetAction(parsed =>
        {
            using var model = DecoderModel.Open(parsed.GetRequiredValue(options.Model), CommandPacking.For(options.Threads(parsed)));
            using var truth = DecoderModel.Open(parsed.GetRequiredValue(reference), CommandPacking.For(options.Threads(parsed)));
            using var gang = new WorkerGang(options.Threads(parsed));
            var windows = options.Read(parsed, Tokenizer.FromGguf(truth.File.Metadata));
            Divergence divergence;
            using (var progress = new ProgressLine("comparing"))
            {
                divergence = DivergenceEvaluator.Measure(model, truth, gang, windows, progress.Report, options.KeyValues(parsed));
            }

            var result = new KlResult(divergence.Mean, divergence.Max, divergence.SameTopShare, windows.Window, windows.Count, divergence.ScoredTokens);
            ResultOutput.Write(parsed, result, output => output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"KL divergence: mean {result.KlMean:G4}, largest {result.KlMax:G4} nats; the same most likely token at {100 * result.SameTopShare:F2} % of {result.ScoredTokens:N0} tokens")));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>What --json prints.</summary>
    private sealed record KlResult(double KlMean, double KlMax, double SameTopShare, int Context, int Windows, long ScoredTokens);
}
