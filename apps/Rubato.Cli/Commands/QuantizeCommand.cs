using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Kernels.Threading;
using Rubato.Models.Gguf;
using Rubato.Models.Quantization;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato quantize FILE --type T --out OUT</c>: a smaller model file.</summary>
internal static class QuantizeCommand
{
    private const string Description =
        """
        Write a model once more, with its matrices in another type; --out says where. Vectors (norms) stay F32. The output head
        (token_embd where it is tied) gets Q6_K when a smaller type is asked for, unless --pure. Rows that are no multiple of 256
        values fall back: Q2_K and Q3_K to IQ4_NL, Q4_K to Q5_0, Q5_K to Q5_1, Q6_K to Q8_0; no multiple of 32: to F16.
        """;

    private static readonly JsonSerializerOptions JsonForm = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static VerbCommand Create()
    {
        var file = new Argument<string>("FILE") { Description = "A GGUF file of an architecture that runs, in F32, F16 or BF16." };
        var type = new Option<string>("--type")
        {
            Description = $"One of {string.Join(", ", QuantizationRules.Types.Select(entry => entry.Type))}.",
            HelpName = "TYPE",
            Required = true,
        };
        var pure = new Option<bool>("--pure") { Description = "Give the output head the same type as the other matrices." };
        var again = new Option<bool>("--allow-requantize") { Description = "Take a file that is quantised already; the errors add up." };
        var threads = ThreadsOption.Create();
        var command = new VerbCommand(
            "quantize",
            Description.ReplaceLineEndings(" "),
            "rubato quantize model-f32.gguf --type Q4_K --out model-q4.gguf",
            "rubato quantize model-f16.gguf --type Q8_0 --out model-q8.gguf --json")
        { file, type, pure, again, threads };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(GlobalOptions.Out) ?? throw new InvalidOptionException("--out FILE.gguf is missing: where does the model go?");
            var options = new QuantizationOptions
            {
                Type = QuantizationRules.Parse(parsed.GetRequiredValue(type)),
                Pure = parsed.GetValue(pure),
                AllowRequantize = parsed.GetValue(again),
                Threads = parsed.GetValue(threads) ?? AvailableProcessors.Current.Threads,
            };
            using var source = GgufFile.Open(parsed.GetRequiredValue(file));
            var quantizer = new ModelQuantizer(source, options);
            using (var progress = new ProgressLine("quantising"))
            {
                quantizer.Write(path, progress.Report);
            }

            if (parsed.GetValue(GlobalOptions.Json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(quantizer.Report, JsonForm));
            }
            else
            {
                Print(Console.Out, path, quantizer.Report);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, string path, QuantizationReport report)
    {
        output.WriteLine($"{path}: {report.ParameterCount:N0} parameters, {report.SourceBytes:N0} bytes of weights became {report.Bytes:N0}, {report.BitsPerWeight:F2} bits per weight");
        output.WriteLine();
        output.WriteLine($"{"type",-8} {"tensors",8} {"parameters",14} {"bytes",14} {"bits/weight",12}");
        foreach (var type in report.Types)
        {
            output.WriteLine($"{type.Type,-8} {type.TensorCount,8} {type.ParameterCount,14:N0} {type.Bytes,14:N0} {type.BitsPerWeight,12:F4}");
        }

        foreach (var group in report.Tensors
            .Where(tensor => tensor.Reason is QuantizationReason.RowLength or QuantizationReason.OutputHead)
            .GroupBy(tensor => (tensor.To, tensor.Reason)))
        {
            var why = group.Key.Reason == QuantizationReason.OutputHead
                ? "the output head"
                : $"rows of {string.Join(", ", group.Select(tensor => tensor.Dimensions[0]).Distinct())} values are no whole number of blocks";
            output.WriteLine($"{group.Key.To} in place of {report.Type}: {why}; {string.Join(", ", group.Take(3).Select(tensor => tensor.Name))}{(group.Count() > 3 ? $" and {group.Count() - 3} more" : "")}");
        }
    }
}
