using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Inference.Benchmarks;
using Rubato.Inference.Models;
using Rubato.Inference.Packing;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Cli.Commands.Benchmarks;

/// <summary><c>rubato bench decode --model F</c>: tokens per second of the engine, beside the machine's limits.</summary>
internal sealed class DecodeBench
{
    private static readonly DecodeBenchmarkOptions Defaults = new();

    private readonly Option<string> _model = new("--model") { Description = "A GGUF file.", HelpName = "FILE", Required = true };
    private readonly Option<int> _prompt = new("--prompt") { Description = "Tokens of each prompt.", HelpName = "N", DefaultValueFactory = _ => Defaults.PromptTokens };
    private readonly Option<int> _tokens = new("--tokens") { Description = "Tokens that each sequence decodes.", HelpName = "N", DefaultValueFactory = _ => Defaults.Tokens };
    private readonly Option<int> _sequences = new("--sequences") { Description = "Sequences that decode together.", HelpName = "N", DefaultValueFactory = _ => Defaults.Sequences };
    private readonly Option<int> _chunk = new("--chunk") { Description = "Most tokens of a prompt in one pass.", HelpName = "N", DefaultValueFactory = _ => Defaults.ChunkTokens };
    private readonly Option<int?> _threads = new("--threads") { Description = "Threads; one per processor when not given.", HelpName = "N" };
    private readonly Option<int> _runs = new("--runs") { Description = "Runs; the median is the result, lowest and highest are its spread.", HelpName = "N", DefaultValueFactory = _ => 3 };
    private readonly KvFormatOption _kv = new(Defaults.KeyValues, "--kv");
    private readonly Option<bool> _noPack = new("--no-pack") { Description = "Decode quantised weights to float32 as they are used instead of packing them for the kernels." };

    public DecodeBench()
    {
        Command = new(
            "decode",
            "Measure how fast the engine computes prompts and decodes, and what share of the machine's limits it reaches.",
            "rubato bench decode --model models/rubato-tiny.gguf --prompt 256 --tokens 64 --sequences 1",
            "rubato bench decode --model models/rubato-tiny.gguf --sequences 8 --threads 2 --json")
        { _model, _prompt, _tokens, _sequences, _chunk, _threads, _runs, _kv.Option, _noPack };
        Command.SetAction((parsed, stop) => Task.Run(() => Run(parsed, stop), stop));
    }

    public VerbCommand Command { get; }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        var runs = parsed.GetValue(_runs);
        if (runs is < 1 or > 1000)
        {
            throw new InvalidOptionException($"--runs: {runs} is not in 1…1000.");
        }

        var options = new DecodeBenchmarkOptions
        {
            PromptTokens = parsed.GetValue(_prompt),
            Tokens = parsed.GetValue(_tokens),
            Sequences = parsed.GetValue(_sequences),
            ChunkTokens = parsed.GetValue(_chunk),
            KeyValues = _kv.Read(parsed),
            Seed = parsed.GetValue(GlobalOptions.Seed),
        };
        var threads = parsed.GetValue(_threads);
        var packing = parsed.GetValue(_noPack) ? PackingOptions.None : CommandPacking.For(threads);
        using var model = DecoderModel.Open(parsed.GetRequiredValue(_model), packing);
        using var gang = new WorkerGang(threads);
        var benchmark = new DecodeBenchmark(model, gang, options);
        var speeds = new DecodeSpeed[runs];
        using (var progress = new ProgressLine("runs"))
        {
            for (var run = 0; run < runs; run++)
            {
                progress.Report((double)run / runs);
                speeds[run] = benchmark.Run(stop);
            }
        }

        var result = DecodeBenchResult.From(options, gang, model, speeds, benchmark.KeyValueBytesPerStep, MachineLimits.Measure(gang));
        ResultOutput.Write(parsed, result, output => Print(output, model, result));
        return ExitCode.Done;
    }

    private static void Print(TextWriter output, DecoderModel model, DecodeBenchResult result)
    {
        output.WriteLine(
            $"{Path.GetFileName(model.File.Name)}: {result.Threads} threads, vectors {(int)VectorSupport.Widest} bits, {result.Settings.Sequences} sequences, prompt {result.Settings.PromptTokens}, "
            + $"{result.Settings.Tokens} tokens, KV {result.Settings.KeyValues}, seed {result.Settings.Seed}, median of {result.Runs} runs (lowest … highest)");
        output.WriteLine($"prefill {result.PrefillTokensPerSecond,9:F1} tokens/s  ({result.PrefillSpread[0]:F1} … {result.PrefillSpread[1]:F1})");
        output.WriteLine($"decode  {result.DecodeTokensPerSecond,9:F1} tokens/s  ({result.DecodeSpread[0]:F1} … {result.DecodeSpread[1]:F1})");
        var roof = result.Roofline;
        output.WriteLine(
            $"roofline: {roof.BytesPerStep / 1e6:F1} MB a step at {roof.ReadBytesPerSecond / 1e9:F1} GB/s: decode reaches {roof.DecodeShareOfBandwidth:P0} of it; "
            + $"prefill does {roof.PrefillProductsPerSecond / 1e9:F0} G products/s, {roof.PrefillShareOfProducts:P0} of float32's {roof.ProductsPerSecond / 1e9:F0}");
    }
}

/// <summary>What <c>--json</c> prints.</summary>
internal sealed record DecodeBenchResult(
    double PrefillTokensPerSecond,
    double DecodeTokensPerSecond,
    double[] PrefillSpread,
    double[] DecodeSpread,
    int Runs,
    int Threads,
    DecodeBenchmarkOptions Settings,
    Roofline Roofline)
{
    public static DecodeBenchResult From(
        DecodeBenchmarkOptions options, WorkerGang gang, DecoderModel model, DecodeSpeed[] speeds, long keyValueBytes, MachineLimits limits)
    {
        var prefill = speeds.Select(speed => speed.PrefillTokensPerSecond).Order().ToArray();
        var decode = speeds.Select(speed => speed.DecodeTokensPerSecond).Order().ToArray();
        var bytes = model.WeightBytesPerPass + keyValueBytes;
        var products = Median(prefill) * model.ProductsPerPrefillToken;
        return new(
            Median(prefill), Median(decode), [prefill[0], prefill[^1]], [decode[0], decode[^1]], speeds.Length, gang.Workers, options,
            new(
                bytes,
                limits.ReadBytesPerSecond,
                Median(decode) / options.Sequences * bytes / limits.ReadBytesPerSecond,
                products,
                limits.ProductsPerSecond,
                products / limits.ProductsPerSecond));
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}

/// <summary>Where the speeds lie under the machine's limits.</summary>
/// <param name="BytesPerStep">Weights, and keys and values, that one decoding step reads.</param>
/// <param name="ReadBytesPerSecond">Bytes that memory gives.</param>
/// <param name="DecodeShareOfBandwidth">Share of it that decoding reaches.</param>
/// <param name="PrefillProductsPerSecond">Multiply-adds with weights in prefill.</param>
/// <param name="ProductsPerSecond">Multiply-adds of a float32 matrix product in caches.</param>
/// <param name="PrefillShareOfProducts">The former over the latter; more than 1 where whole numbers are faster than floats.</param>
internal sealed record Roofline(
    long BytesPerStep,
    double ReadBytesPerSecond,
    double DecodeShareOfBandwidth,
    double PrefillProductsPerSecond,
    double ProductsPerSecond,
    double PrefillShareOfProducts);
