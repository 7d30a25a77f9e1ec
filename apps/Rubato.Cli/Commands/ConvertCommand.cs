using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.HuggingFace.Conversion;
using Rubato.Models.Quantization;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato convert FOLDER --out FILE.gguf</c>: a Hugging Face model folder as one file.</summary>
internal static class ConvertCommand
{
    private const string Description =
        """
        Write a Hugging Face model folder (config.json, tokenizer.json or tokenizer.model, model.safetensors or its shards, chat template) as one GGUF file;
        --out says where. Weights are read row by row, so the memory needed does not grow with the model. Tensors that are missing, of a wrong shape
        or not known, and numbers that are not finite, are refused by name; then no file is left.
        """;

    private static readonly JsonSerializerOptions JsonForm = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static VerbCommand Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "The folder of the model." };
        var type = new Option<string?>("--type")
        {
            Description = $"The type of the matrices, one of {string.Join(", ", QuantizationRules.Types.Select(entry => entry.Type))}; that of the folder's weights when left out.",
            HelpName = "TYPE",
        };
        var command = new VerbCommand(
            "convert",
            Description.ReplaceLineEndings(" "),
            "rubato convert Qwen2.5-0.5B-Instruct --out qwen.gguf",
            "rubato convert Llama-3.2-1B --type Q8_0 --out llama-q8.gguf --json")
        { folder, type };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(GlobalOptions.Out) ?? throw new InvalidOptionException("--out FILE.gguf is missing: where does the model go?");
            var chosen = parsed.GetValue(type) is { } name ? QuantizationRules.Parse(name) : (GgmlType?)null;
            using var converter = HuggingFaceConverter.Open(parsed.GetRequiredValue(folder), chosen);
            using (var progress = new ProgressLine("converting"))
            {
                converter.Write(path, progress.Report);
            }

            if (parsed.GetValue(GlobalOptions.Json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(converter.Report, JsonForm));
            }
            else
            {
                Print(Console.Out, path, converter.Report);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, string path, ConversionReport report)
    {
        output.WriteLine(
            $"{path}: {report.SourceArchitecture} as {report.Architecture}, {report.ParameterCount:N0} parameters in {report.Tensors.Length} tensors, "
            + $"{report.SourceBytes:N0} bytes of weights became {report.Bytes:N0} ({report.Type})");
        output.WriteLine(
            $"tokenizer {report.Tokenizer} ({report.PreTokenizer}), {report.VocabularySize:N0} tokens, {(report.HasChatTemplate ? "with" : "without")} a chat template");
        foreach (var note in report.Notes)
        {
            output.WriteLine($"note: {note}");
        }
    }
}
