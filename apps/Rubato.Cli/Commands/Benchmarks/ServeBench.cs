using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Hosting.LoadGeneration;

namespace Rubato.Cli.Commands.Benchmarks;

/// <summary><c>rubato bench serve --url U</c>: a load generator for any OpenAI-compatible server.</summary>
internal sealed class ServeBench
{
    private static readonly LoadOptions Defaults = new();

    private readonly Option<string> _url = new("--url") { Description = "The server; /v1 at its end is understood.", HelpName = "URL", DefaultValueFactory = _ => Defaults.Url };
    private readonly Option<string?> _model = new("--model") { Description = "The model to ask for; the first that the server lists when not given.", HelpName = "NAME" };
    private readonly Option<string?> _key = new("--api-key") { Description = "The key to send; RUBATO_API_KEY is taken when not given.", HelpName = "KEY" };
    private readonly Option<int> _requests = new("--requests") { Description = "Requests in all.", HelpName = "N", DefaultValueFactory = _ => Defaults.Requests };
    private readonly Option<int> _clients = new("--clients") { Description = "Clients; without --rate each sends its next request when the last has ended.", HelpName = "N", DefaultValueFactory = _ => Defaults.Clients };
    private readonly Option<double?> _rate = new("--rate") { Description = "Requests per second that arrive as a Poisson process, whatever the server does.", HelpName = "X" };
    private readonly Option<int> _shared = new("--shared-words") { Description = "Words with which every prompt begins, before its own.", HelpName = "N" };
    private readonly Option<int> _wordsMin = new("--prompt-words-min") { Description = "Fewest words of a prompt.", HelpName = "N", DefaultValueFactory = _ => Defaults.PromptWordsMin };
    private readonly Option<int> _wordsMax = new("--prompt-words-max") { Description = "Most words of a prompt.", HelpName = "N", DefaultValueFactory = _ => Defaults.PromptWordsMax };
    private readonly Option<int> _tokens = new("--max-tokens") { Description = "Most tokens that a request generates.", HelpName = "N", DefaultValueFactory = _ => Defaults.OutputTokensMax };
    private readonly Option<double> _timeout = new("--timeout") { Description = "A request that takes longer counts as an error.", HelpName = "SECONDS", DefaultValueFactory = _ => Defaults.RequestSecondsMax };
    private readonly Option<bool> _ignoreEnd = new("--ignore-eos") { Description = "Ask the server to go on past the end of text, so that every answer has the full length." };
    private readonly Option<bool> _completions = new("--completions") { Description = "Use /v1/completions instead of /v1/chat/completions." };

    public ServeBench()
    {
        Command = new(
            "serve",
            "Put load on an OpenAI-compatible server (ours, llama-server, vLLM) and measure latencies and throughput.",
            "rubato bench serve --url http://127.0.0.1:8080 --clients 8 --requests 100",
            "rubato bench serve --url http://127.0.0.1:8080 --rate 4 --requests 200 --json --out load.json")
        { _url, _model, _key, _requests, _clients, _rate, _shared, _wordsMin, _wordsMax, _tokens, _timeout, _ignoreEnd, _completions };
        Command.SetAction(RunAsync);
    }

    public VerbCommand Command { get; }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var options = new LoadOptions
        {
            Url = parsed.GetRequiredValue(_url),
            Model = parsed.GetValue(_model),
            ApiKey = parsed.GetValue(_key) ?? Environment.GetEnvironmentVariable("RUBATO_API_KEY"),
            Requests = parsed.GetValue(_requests),
            Clients = parsed.GetValue(_clients),
            RatePerSecond = parsed.GetValue(_rate),
            SharedWords = parsed.GetValue(_shared),
            PromptWordsMin = parsed.GetValue(_wordsMin),
            PromptWordsMax = parsed.GetValue(_wordsMax),
            OutputTokensMax = parsed.GetValue(_tokens),
            RequestSecondsMax = parsed.GetValue(_timeout),
            IgnoresEndOfText = parsed.GetValue(_ignoreEnd),
            UsesCompletions = parsed.GetValue(_completions),
            Seed = parsed.GetValue(GlobalOptions.Seed),
        };
        LoadResult result;
        using (var progress = new ProgressLine("requests"))
        {
            var generator = new LoadGenerator(options, new Progress<long>(done => progress.Report((double)done / options.Requests)));
            result = await generator.RunAsync(stop).ConfigureAwait(false);
        }

        ResultOutput.WriteJson(parsed, LoadResultJson.Serialize(result), output => Print(output, result));
        return result.Errors == result.Requests ? ExitCode.Failed : ExitCode.Done;
    }

    private static void Print(TextWriter output, LoadResult result)
    {
        output.WriteLine($"{result.Requests:N0} requests to {result.Model} in {result.Seconds:F1} s, {result.Errors:N0} errors, {result.ThroughputTokensPerSecond:F1} tokens/s (seed {result.Settings.Seed})");
        output.WriteLine($"{result.PromptTokens:N0} prompt tokens, {result.CachedPromptTokens:N0} of them from the server's cache");
        output.WriteLine($"{"milliseconds",-22} {"p50",10} {"p95",10} {"p99",10}");
        Print(output, "time to first token", result.Ttft);
        Print(output, "time between tokens", result.Tbt);
        foreach (var error in result.ErrorMessages)
        {
            output.WriteLine($"{error.Count,6} × {error.Message}");
        }
    }

    private static void Print(TextWriter output, string name, LatencyPercentiles latency) =>
        output.WriteLine($"{name,-22} {1e3 * latency.P50,10:F1} {1e3 * latency.P95,10:F1} {1e3 * latency.P99,10:F1}");
}
