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
        var model = new Argument<string>("MODEL") { Description = "A GGUF file of an architecture that runs (docs/concepts/architectures.md)." };
        var options = new ServeOptions();
        var command = new VerbCommand(
            "serve",
            "Serve a model over the OpenAI HTTP API.",
            "rubato serve model.gguf --port 8080",
            "rubato serve model.gguf --host 0.0.0.0 --api-key a-long-secret --allow-host models.example.org",
            "rubato serve model.gguf --kv-memory 2048 --record run.jsonl")
        { model };
        options.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(parsed, options.Read(parsed, parsed.GetRequiredValue(model)), stop));
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
        var model = server.Engine.Model.Name;
        var scheduler = server.Engine.Limits;
        var started = new Started(url, model, scheduler.ContextTokens, scheduler.KvBlocks, scheduler.BlockTokens, server.Engine.Threads);
        ResultOutput.Write(parsed, started, output =>
        {
            output.WriteLine($"Serving {model}: {url}/v1 (OpenAI API), {url}/health, {url}/metrics");
            output.WriteLine($"{scheduler.KvBlocks:N0} KV blocks of {scheduler.BlockTokens} tokens, context {scheduler.ContextTokens:N0}, {server.Engine.Threads} threads ({ThreadsOption.Describe(AvailableProcessors.Current)}). Try it:");
            output.WriteLine();
            output.WriteLine($"  curl -N {url}/v1/chat/completions -H 'Content-Type: application/json'{(options.Serving.Http.ApiKeys.Count > 0 ? " -H 'Authorization: Bearer YOUR-KEY'" : "")} \\");
            output.WriteLine($"    -d '{{\"model\":\"{model}\",\"stream\":true,\"temperature\":0,\"messages\":[{{\"role\":\"user\",\"content\":\"What does String.Join do?\"}}]}}'");
            output.WriteLine();
            output.WriteLine("Ctrl-C ends it.");
        });
        Console.Out.Flush();
    }

    /// <summary>What --json prints once the server listens.</summary>
    private sealed record Started(string Url, string Model, int ContextTokens, int KvBlocks, int BlockTokens, int? Threads);
}
