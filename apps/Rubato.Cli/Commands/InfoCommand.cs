using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Kernels.Threading;
using Rubato.Models;
using Rubato.Models.Gguf;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato info FILE</c>: what a model file holds.</summary>
internal static class InfoCommand
{
    public static VerbCommand Create()
    {
        var file = new Argument<string>("FILE") { Description = "A GGUF file." };
        var tensors = new Option<bool>("--tensors") { Description = "List every tensor, not only the sums per type." };
        var command = new VerbCommand("info", "Show what a model file holds.", "rubato info models/rubato-tiny.gguf", "rubato info models/rubato-tiny.gguf --json") { file, tensors };
        command.SetAction(parsed =>
        {
            using var gguf = GgufFile.Open(parsed.GetRequiredValue(file));
            var summary = ModelSummary.FromGguf(gguf);
            var json = ResultOutput.Serialize(summary);
            json["threads"] = AvailableProcessors.Current.Threads;
            ResultOutput.WriteJson(parsed, json.ToJsonString(ResultOutput.Indented), output => Print(output, summary, parsed.GetValue(tensors)));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, ModelSummary summary, bool everyTensor)
    {
        output.WriteLine($"{summary.Name ?? "(no name)"}: {summary.Architecture ?? "no architecture"}, {summary.ParameterCount:N0} parameters, {summary.FileBytes:N0} bytes, GGUF version {summary.FormatVersion}");
        output.WriteLine($"context {summary.ContextLength?.ToString() ?? "unknown"} tokens, tokenizer {summary.Tokenizer ?? "none"} with {summary.VocabularySize ?? 0:N0} tokens");
        output.WriteLine($"threads by default here: {AvailableProcessors.Current.Threads} ({ThreadsOption.Describe(AvailableProcessors.Current)})");
        if (summary.Obstacle is { } obstacle)
        {
            output.WriteLine($"does not run here: {obstacle}");
        }

        output.WriteLine();
        output.WriteLine($"{"type",-8} {"tensors",8} {"parameters",14} {"bytes",14}");
        foreach (var type in summary.Types)
        {
            output.WriteLine($"{type.Type,-8} {type.TensorCount,8} {type.ParameterCount,14:N0} {type.Bytes,14:N0}{(type.Supported ? "" : "  not computed with here")}");
        }

        if (!everyTensor)
        {
            return;
        }

        output.WriteLine();
        foreach (var tensor in summary.Tensors)
        {
            output.WriteLine($"{tensor.Name,-40} {tensor.Type,-6} [{string.Join(", ", tensor.Dimensions)}]");
        }
    }
}
