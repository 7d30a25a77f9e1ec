using System.CommandLine;
using Microsoft.Extensions.Logging;
using Rubato.Cli.CommandLine;
using Rubato.Hosting;
using Rubato.Hosting.Configuration;
using Rubato.Kernels.Threading;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato serve MODEL</c> and <c>rubato up</c>: the OpenAI-compatible server.</summary>
internal static class ServeCommand
{
    public static VerbCommand Create()
    {
        var models = new Argument<string[]>("MODEL") { Description = "GGUF files to load and serve, of architectures that run (docs/concepts/architectures.md); may be left out with --models-dir.", Arity = ArgumentArity.ZeroOrMore };
        var options = new ServeOptions();
        var command = new VerbCommand(
            "serve",
            "Serve models over the OpenAI HTTP API.",
            "rubato serve model.gguf --port 8080",
            "rubato serve model.gguf --host 0.0.0.0 --api-key a-long-secret --allow-host models.example.org",
            "rubato serve model.gguf --kv-memory 2048 --record run.jsonl",
            "rubato serve small.gguf --alias large=model-q8.gguf --models-dir ~/models --auto-load")
        { models };
        options.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, options.Read(parsed, parsed.GetValue(models) ?? []), stop));
        return command;
    }

    public static VerbCommand CreateUp()
    {
        var options = new ServeOptions();
        var command = new VerbCommand("up", "Serve the model that ships with Rubato.", "rubato up", "rubato up --port 9000");
        options.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, options.Read(parsed, DefaultModel.Find()), stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ServerOptions options, CancellationToken stop)
    {
        var verbose = parsed.GetValue(GlobalOptions.Verbose);
        await using var server = RubatoServer.Build(options, logging => logging
            .AddSimpleConsole(console => console.SingleLine = true)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Warning)

            // What stops the start is told in one line below; the host would add its stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", verbose ? LogLevel.Debug : LogLevel.None));
        await server.StartAsync(stop).ConfigureAwait(false);
        Announce(parsed, options, server);
        await server.WaitForShutdownAsync(stop).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void Announce(ParseResult parsed, ServerOptions options, RubatoServer server)
    {
        var url = server.Urls[0];
        var engines = server.Engines;
        var first = engines.FirstOrDefault();
        var started = new Started(
            url, first?.Model.Name, [.. engines.Select(engine => engine.Model.Name)], first?.Limits.ContextTokens, first?.Limits.KvBlocks, first?.Limits.BlockTokens, first?.Threads);
        ResultOutput.Write(parsed, started, output =>
        {
            output.WriteLine($"Serving {(engines.Count > 0 ? string.Join(", ", started.Models) : "models from " + string.Join(", ", options.Serving.ModelFolders))}: {url}/v1 (OpenAI API), {url}/health, {url}/metrics");
            foreach (var engine in engines)
            {
                var limits = engine.Limits;
                output.WriteLine($"{engine.Model.Name}: {limits.KvBlocks:N0} KV blocks of {limits.BlockTokens} tokens, context {limits.ContextTokens:N0}, {engine.Threads} {(engine.Threads == 1 ? "thread" : "threads")} ({ThreadsOption.Describe(AvailableProcessors.Current)}).");
            }

            var key = options.Serving.Http.ApiKeys.Count > 0 ? " -H 'Authorization: Bearer YOUR-KEY'" : "";
            output.WriteLine("Try it:");
            output.WriteLine();
            if (first is null)
            {
                output.WriteLine($"  curl {url}/v1/models{key}");
            }
            else
            {
                output.WriteLine($"  curl -N {url}/v1/chat/completions -H 'Content-Type: application/json'{key} \\");
                output.WriteLine($"    -d '{{\"model\":\"{first.Model.Name}\",\"stream\":true,\"temperature\":0,\"messages\":[{{\"role\":\"user\",\"content\":\"What does String.Join do?\"}}]}}'");
            }

            output.WriteLine();
            output.WriteLine("Ctrl-C ends it.");
        });
        Console.Out.Flush();
    }

    /// <summary>What --json prints once the server listens; the sizes are those of the first model.</summary>
    private sealed record Started(string Url, string? Model, IReadOnlyList<string> Models, int? ContextTokens, int? KvBlocks, int? BlockTokens, int? Threads);
}
