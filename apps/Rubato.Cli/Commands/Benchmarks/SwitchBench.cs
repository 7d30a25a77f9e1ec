using System.CommandLine;
using System.Globalization;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Hosting.Transfers;
using Rubato.Hosting.Transfers.Benchmarks;
using Rubato.Inference.Benchmarks;
using Rubato.Inference.Models;
using Rubato.Kernels.Attention;
using Rubato.Kernels.Threading;

namespace Rubato.Cli.Commands.Benchmarks;

/// <summary><c>rubato bench switch</c>: what it takes to move a conversation out of memory and in again.</summary>
internal sealed class SwitchBench
{
    private static readonly SwitchBenchmarkOptions Defaults = new();

    private readonly Option<string> _tier = new("--tier") { Description = "Where keys and values go: ram, or file:PATH, a file that does not exist or a folder.", HelpName = "TIER", DefaultValueFactory = _ => "ram" };
    private readonly Option<string> _layout = new("--layout") { Description = "How blocks lie in memory: block, all layers of a block together, or layer, the keys and the values of each layer apart.", HelpName = "block|layer", DefaultValueFactory = _ => "block" };
    private readonly Option<int> _context = new("--context") { Description = "Tokens of the conversation.", HelpName = "N", DefaultValueFactory = _ => Defaults.ContextTokens };
    private readonly Option<int> _group = new("--group") { Description = "Blocks of a group.", HelpName = "N", DefaultValueFactory = _ => Defaults.GroupBlocks };
    private readonly Option<int> _runs = new("--runs") { Description = "Switches of each kind, in turns; the median is the result, lowest and highest are its spread.", HelpName = "N", DefaultValueFactory = _ => Defaults.Runs };
    private readonly Option<int> _blockTokens = new("--block-tokens") { Description = "Token positions in one block.", HelpName = "N", DefaultValueFactory = _ => Defaults.Shape.BlockTokens };
    private readonly KvFormatOption _kv = new(Defaults.Shape.Format, "--kv");
    private readonly Option<string?> _model = new("--model") { Description = "A GGUF file: its shape is taken, and the time to compute the conversation again is measured too. Without it, the shape of a model of 135 M parameters.", HelpName = "FILE" };
    private readonly Option<int?> _threads = ThreadsOption.Create();

    public SwitchBench()
    {
        Command = new(
            "switch",
            "Measure how long a conversation takes to leave memory and to come back: block by block, gathered, and in groups.",
            "rubato bench switch --tier ram --context 500",
            "rubato bench switch --tier file:/var/tmp --layout layer --context 500 --json",
            "rubato bench switch --tier file:/var/tmp --model models/rubato-tiny.gguf --context 400")
        { _tier, _layout, _context, _group, _runs, _blockTokens, _kv.Option, _model, _threads };
        Command.SetAction((parsed, stop) => Task.Run(() => Run(parsed, stop), stop));
    }

    public VerbCommand Command { get; }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        var (kind, path) = Tier(parsed.GetRequiredValue(_tier));
        var options = new SwitchBenchmarkOptions
        {
            Tier = kind,
            Path = path,
            Layout = Layout(parsed.GetRequiredValue(_layout)),
            ContextTokens = parsed.GetValue(_context),
            GroupBlocks = parsed.GetValue(_group),
            Runs = parsed.GetValue(_runs),
            Shape = Defaults.Shape with { BlockTokens = parsed.GetValue(_blockTokens), Format = _kv.Read(parsed) },
            Seed = parsed.GetValue(GlobalOptions.Seed),
        };
        if (options.Shape.BlockTokens is < 1 or > 1024)
        {
            throw new InvalidOptionException($"--block-tokens: {options.Shape.BlockTokens} is not in 1…1024.");
        }

        var file = parsed.GetValue(_model);
        Spread? recompute = file is null ? null : Recompute(file, parsed.GetValue(_threads), ref options, stop);
        using var benchmark = new SwitchBenchmark(options);
        SwitchResult measured;
        using (var progress = new ProgressLine("switches"))
        {
            measured = benchmark.Run(progress.Report, stop);
        }

        var result = new SwitchBenchResult(measured, recompute, options);
        ResultOutput.Write(parsed, result, output => Print(output, result));
        return ExitCode.Done;
    }

    private static (SwapTierKind Kind, string? Path) Tier(string text) =>
        text == "ram" ? (SwapTierKind.Ram, null)
        : text.StartsWith("file:", StringComparison.Ordinal) && text.Length > 5 ? (SwapTierKind.File, text[5..])
        : throw new InvalidOptionException($"--tier: '{text}' names no tier: write ram or file:PATH.");

    private static KvLayout Layout(string text) => text switch
    {
        "block" => KvLayout.BlockMajor,
        "layer" => KvLayout.LayerMajor,
        _ => throw new InvalidOptionException($"--layout: '{text}' is neither block nor layer."),
    };

    /// <summary>Takes the model's shape, and measures how long it computes the conversation: three times, after a warm-up.</summary>
    private static Spread Recompute(string file, int? threads, ref SwitchBenchmarkOptions options, CancellationToken stop)
    {
        using var model = DecoderModel.Open(file, CommandPacking.For(threads));
        var configuration = model.Configuration;
        options = options with
        {
            Shape = new(configuration.BlockCount, configuration.KeyValueHeadCount, configuration.HeadLength, options.Shape.BlockTokens, options.Shape.Format),
        };
        using var gang = new WorkerGang(threads);
        var tokens = options.ContextTokens;
        var benchmark = new DecodeBenchmark(model, gang, new() { PromptTokens = tokens, Tokens = 1, KeyValues = options.Shape.Format, Seed = options.Seed });
        var seconds = new List<double>();
        for (var run = 0; run < 3; run++)
        {
            seconds.Add(tokens / benchmark.Run(stop).PrefillTokensPerSecond);
        }

        return Spread.Of(seconds);
    }

    private static void Print(TextWriter output, SwitchBenchResult result)
    {
        var (measured, settings) = (result.Switch, result.Settings);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{settings.ContextTokens} tokens, {measured.Blocks} blocks in {measured.Planes} planes, pieces of {measured.PieceBytes} bytes, {measured.Bytes / 1e6:F1} MB each way; {measured.Manner}, seed {settings.Seed}, medians of {settings.Runs} (lowest … highest)"));
        output.WriteLine("                    out ms                     in ms                      copies   calls out/in");
        foreach (var (name, times) in new[] { ("block by block", measured.BlockByBlock), ("gathered", measured.Gathered), ($"groups of {settings.GroupBlocks}", measured.Groups) })
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16} {Text(times.Out),26} {Text(times.In),26} {times.Copies,8}   {times.CallsOut}/{times.CallsIn}"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"block by block takes {measured.GroupSpeedup:F2} times as long as groups"));
        if (result.Recompute is { } recompute)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"computing it again {Text(recompute)} ms: {result.RecomputeOverSwapIn:F0} times as long as moving it in, in groups"));
        }
    }

    private static string Text(Spread seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{seconds.Median * 1e3,7:F2} ({seconds.Lowest * 1e3:F2} … {seconds.Highest * 1e3:F2})");
}

/// <summary>What <c>--json</c> prints; times in seconds.</summary>
/// <param name="Switch">Moving.</param>
/// <param name="Recompute">Computing the conversation again; null without a model.</param>
/// <param name="Settings">What was measured.</param>
internal sealed record SwitchBenchResult(SwitchResult Switch, Spread? Recompute, SwitchBenchmarkOptions Settings)
{
    /// <summary>How many times as long computing takes as moving in, in groups.</summary>
    public double? RecomputeOverSwapIn => Recompute?.Median / Switch.Groups.In.Median;
}
