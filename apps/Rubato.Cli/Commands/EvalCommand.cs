using System.CommandLine;
using System.Text;
using Rubato.Cli.CommandLine;
using Rubato.Inference.Evaluation;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Models.Corpora;
using Rubato.Models.Tokenizers;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato eval MODEL</c>: bits per byte on held-out text, beside compressors and n-gram models on the same text.</summary>
internal static class EvalCommand
{
    private const int NgramOrder = 5;

    public static VerbCommand Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A GGUF file of an architecture that runs (docs/concepts/architectures.md)." };
        var corpus = new Option<string?>("--corpus") { Description = "A text file or a folder of them; without it, the documentation of the installed .NET SDK.", HelpName = "PATH" };
        var baselines = new Option<bool>("--baselines") { Description = "Also measure xz -9 and 5-gram models (interpolated Kneser-Ney) on the same text." };
        var window = new Option<int?>("--window") { Description = "Tokens in a window; the context length of the model when not given.", HelpName = "N" };
        var keyValues = new KvFormatOption();
        var threads = ThreadsOption.Create();
        var command = new VerbCommand(
            "eval",
            "Measure a model in bits per byte on the held-out part of a corpus.",
            "rubato eval models/rubato-tiny.gguf --baselines",
            "rubato eval model.gguf --corpus texts/ --window 512 --json",
            "rubato eval perplexity --model model.gguf --file wiki.test.raw --json")
        { model, corpus, baselines, window, keyValues.Option, threads };
        command.Subcommands.Add(EvalPerplexityCommand.Create());
        command.Subcommands.Add(EvalKlCommand.Create());
        command.SetAction(parsed =>
        {
            using var decoder = DecoderModel.Open(parsed.GetRequiredValue(model), CommandPacking.For(parsed.GetValue(threads)));
            using var gang = new WorkerGang(parsed.GetValue(threads));
            var tokenizer = Tokenizer.FromGguf(decoder.File.Metadata);
            var data = parsed.GetValue(corpus) is { } path ? TextFolderCorpus.Load(path) : XmlDocumentationCorpus.Load();
            var own = Measure(new(decoder, gang, keyValues.Read(parsed)), tokenizer, data.ValidationDocuments, parsed.GetValue(window));
            var rows = new List<EvalRow> { new(Path.GetFileName(parsed.GetRequiredValue(model)), own.BitsPerByte) };
            if (parsed.GetValue(baselines))
            {
                rows.AddRange(Baselines(data, tokenizer));
            }

            var result = new EvalResult(data.Name, data.Fingerprint, own.Bytes, own.Tokens, own.NegativeLogLikelihood / own.Tokens, own.Perplexity, rows);
            ResultOutput.Write(parsed, result, output => Print(output, result));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Every document is followed by the end-of-text token, which is predicted too, as in training and by the n-gram models.</summary>
    private static TextLikelihood Measure(
        LikelihoodEvaluator evaluator, Tokenizer tokenizer, IReadOnlyCollection<CorpusDocument> documents, int? window)
    {
        int[] end = tokenizer.EndOfText is { } token ? [token] : tokenizer.Encode("\n\n", addSpecial: false, parseSpecial: false);
        int[] tokens = [.. documents.SelectMany(document => tokenizer.Encode(document.Text, addSpecial: false, parseSpecial: false).Concat(end))];
        var bytes = documents.Sum(document => (long)Encoding.UTF8.GetByteCount(document.Text));
        using var progress = new ProgressLine("scoring");
        var loss = evaluator.NegativeLogLikelihood(tokens, tokenizer.BeginOfText, window, progress.Report);
        return new(tokens.Length, bytes, loss);
    }

    private static IEnumerable<EvalRow> Baselines(Corpus data, Tokenizer tokenizer)
    {
        var training = data.TrainingDocuments.Select(document => document.Text).ToArray();
        var validation = data.ValidationDocuments.Select(document => document.Text).ToArray();
        var heldOut = string.Join("\n\n", validation);
        yield return new("xz -9, held-out text alone", XzCompressor.BitsPerByte(heldOut));
        yield return new("xz -9, after the training text", XzCompressor.BitsPerByteAfter(string.Join("\n\n", training), heldOut));
        yield return new("5-gram over bytes, Kneser-Ney", NgramModel.OverBytes(training, NgramOrder).BitsPerByte(validation));
        yield return new("5-gram over the model's tokens, Kneser-Ney", NgramModel.OverTokens(training, tokenizer, NgramOrder).BitsPerByte(validation));
    }

    private static void Print(TextWriter output, EvalResult result)
    {
        output.WriteLine($"corpus {result.Corpus} ({result.Fingerprint[..12]}), {result.Bytes:N0} bytes held out, {result.Tokens:N0} tokens");
        output.WriteLine($"{result.LossPerToken:F4} nats per token, perplexity {result.Perplexity:F2}");
        output.WriteLine();
        output.WriteLine($"{"bits per byte",14}");
        foreach (var row in result.Rows)
        {
            output.WriteLine($"{row.BitsPerByte,14:F4}  {row.Name}");
        }
    }

    /// <summary>What --json prints.</summary>
    private sealed record EvalResult(string Corpus, string Fingerprint, long Bytes, long Tokens, double LossPerToken, double Perplexity, IReadOnlyList<EvalRow> Rows);

    /// <summary>One model or compressor.</summary>
    private sealed record EvalRow(string Name, double BitsPerByte);
}
