using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Transfers;
using Rubato.Models;
using Rubato.Models.Gguf;
using Rubato.Serving.Fairness;
using Rubato.Serving.Switching;

namespace Rubato.Cli.Commands;

/// <summary>The options that <c>serve</c> and <c>up</c> share.</summary>
internal sealed class ServeOptions
{
    private const int ContextMax = 1 << 24; // Each model lowers it to its own.

    private static readonly ServerOptions Defaults = new();

    private readonly Option<string> _host = new("--host") { Description = "Address to listen on; anything but loopback wants --api-key.", HelpName = "ADDRESS", DefaultValueFactory = _ => Defaults.Address };
    private readonly Option<int> _port = new("--port") { Description = "Port to listen on; 0 takes a free one.", HelpName = "N", DefaultValueFactory = _ => Defaults.Port };
    private readonly Option<string[]> _keys = new("--api-key") { Description = "Key that clients must send, 8 characters or more; may be given more than once. RUBATO_API_KEY adds one without showing it in the process list.", HelpName = "KEY" };
    private readonly Option<bool> _open = new("--allow-unauthenticated") { Description = "Listen beyond this machine without a key: everybody who reaches the port can use the server." };
    private readonly Option<string[]> _hosts = new("--allow-host") { Description = "Host name that requests may use besides localhost.", HelpName = "NAME" };
    private readonly Option<string[]> _origins = new("--allow-origin") { Description = "Origin of web pages that may use the server.", HelpName = "ORIGIN" };
    private readonly Option<string?> _name = new("--name") { Description = "Name of the (first) model for clients; the file's name without its ending when not given.", HelpName = "NAME" };
    private readonly Option<string[]> _aliases = new("--alias") { Description = "Another model to load, under this name; may be given more than once.", HelpName = "NAME=PATH" };
    private readonly Option<string[]> _folders = new("--models-dir") { Description = "Folder whose GGUF files clients can list, and load with POST /models/load; may be given more than once.", HelpName = "DIR" };
    private readonly Option<bool> _autoLoad = new("--auto-load") { Description = "Load a model from --models-dir when the first request asks for it." };
    private readonly Option<long?> _total = new("--memory") { Description = "Most memory for all loaded models together (files, keys and values), in MiB; what the machine has when not given.", HelpName = "MIB" };
    private readonly Option<int> _memory = new("--kv-memory") { Description = "Memory for keys and values of each loaded model, in MiB.", HelpName = "MIB", DefaultValueFactory = _ => 512 };
    private readonly KvFormatOption _keyValues = new();
    private readonly Option<string> _swap = new("--swap") { Description = "Where the keys and values of requests that must make room go: ram:SIZE, file:PATH:SIZE (a file of its own, made at start and gone at the end), or none, and then they are computed again.", HelpName = "TIER", DefaultValueFactory = _ => "ram:512MiB" };
    private readonly Option<string> _fairness = new("--fairness") { Description = $"Who is served next: {string.Join(", ", ServicePolicies.Names)}. vtc-preemptive gives every client (API key), and every user of a client, an equal share of service, whatever they ask for.", HelpName = "POLICY", DefaultValueFactory = _ => "vtc-preemptive" };
    private readonly Option<PreemptionMode> _preemption = new("--preemption") { Description = "What becomes of the keys and values of a request that makes room: swap or recompute. Without --swap they are computed again.", HelpName = "MODE", DefaultValueFactory = _ => PreemptionMode.Swap };
    private readonly Option<bool> _verify = new("--verify-swap") { Description = "Check every block that comes back from swap against a checksum, and compute it again when it differs." };
    private readonly Option<int> _blockTokens = new("--block-tokens") { Description = "Token positions in one KV block.", HelpName = "N", DefaultValueFactory = _ => Defaults.Serving.Scheduler.BlockTokens };
    private readonly Option<int> _budget = new("--token-budget") { Description = "Most tokens in one step.", HelpName = "N", DefaultValueFactory = _ => Defaults.Serving.Scheduler.TokenBudgetPerStep };
    private readonly Option<int> _running = new("--running") { Description = "Most requests that run at once.", HelpName = "N", DefaultValueFactory = _ => Defaults.Serving.Scheduler.RunningMax };
    private readonly Option<int> _waiting = new("--waiting") { Description = "Most requests that wait; one more is answered with 429.", HelpName = "N", DefaultValueFactory = _ => Defaults.Serving.Scheduler.WaitingMax };
    private readonly Option<int?> _context = new("--context") { Description = "Longest sequence in tokens; the model's context length when not given.", HelpName = "N" };
    private readonly Option<bool> _uncached = new("--no-prefix-cache") { Description = "Compute every prompt, also when its beginning was computed before." };
    private readonly Option<int?> _threads = ThreadsOption.Create();
    private readonly Option<double> _drain = new("--drain") { Description = "How long running streams may go on when the server stops, in seconds.", HelpName = "SECONDS", DefaultValueFactory = _ => Defaults.Serving.Engine.DrainSeconds };
    private readonly Option<string?> _record = new("--record") { Description = "Write every input and plan of the scheduler to this file, for 'rubato sim serving --replay'; it holds the tokens of every conversation. It grows as FILE.partial and becomes FILE when the server ends.", HelpName = "FILE" };

    private readonly Option<EmbeddingPooling?> _pooling = new("--pooling") { Description = "How /v1/embeddings makes a vector of hidden states: mean, first or last; as the model's file says when not given, last where it says nothing.", HelpName = "KIND" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _host, _port, _keys, _open, _hosts, _origins, _name, _aliases, _folders, _autoLoad, _total, _memory, _keyValues.Option, _swap, _fairness, _preemption, _verify, _blockTokens, _budget, _running, _waiting, _context, _uncached, _threads, _drain, _record, _pooling,
        })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The options of a server for these files and what the options name.</summary>
    public ServerOptions Read(ParseResult parsed, params IReadOnlyList<string> modelPaths)
    {
        var options = new ServerOptions
        {
            Address = parsed.GetRequiredValue(_host),
            Port = parsed.GetValue(_port),
            AllowUnauthenticated = parsed.GetValue(_open),
        };
        ReadModels(parsed, options.Serving, modelPaths);
        options.Serving.Threads = parsed.GetValue(_threads) ?? 0;
        options.Serving.Pooling = parsed.GetValue(_pooling);
        options.Serving.RecordPath = parsed.GetValue(_record);
        options.Serving.Http.Seed = parsed.GetResult(GlobalOptions.Seed) is { Implicit: false } ? parsed.GetValue(GlobalOptions.Seed) : null;
        options.Serving.Engine.DrainSeconds = parsed.GetValue(_drain);
        Add(options.Serving.Http.ApiKeys, parsed.GetValue(_keys));
        Add(options.Serving.Http.ApiKeys, Environment.GetEnvironmentVariable("RUBATO_API_KEY") is { Length: > 0 } key ? [key] : null);
        Add(options.Serving.Http.AllowedHosts, parsed.GetValue(_hosts));
        Add(options.Serving.Http.AllowedOrigins, parsed.GetValue(_origins));
        ReadScheduler(parsed, options.Serving);
        return options;
    }

    private void ReadModels(ParseResult parsed, ServingOptions serving, IReadOnlyList<string> paths)
    {
        serving.ModelPath = paths.FirstOrDefault() ?? "";
        serving.ModelName = parsed.GetValue(_name);
        foreach (var path in paths.Skip(1))
        {
            serving.MoreModels.Add(new(path));
        }

        foreach (var alias in parsed.GetValue(_aliases) ?? [])
        {
            serving.MoreModels.Add(alias.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path]
                ? new(path, name)
                : throw new InvalidOptionException($"--alias {alias}: write NAME=PATH."));
        }

        Add(serving.ModelFolders, parsed.GetValue(_folders));
        serving.LoadsOnDemand = parsed.GetValue(_autoLoad);
        serving.MemoryBytesMax = parsed.GetValue(_total) << 20;
        serving.KeyValues = _keyValues.Read(parsed);
        serving.KvMemoryBytes = (long)parsed.GetValue(_memory) << 20;
        if (serving.ModelName is not null && paths.Count == 0)
        {
            throw new InvalidOptionException("--name names the first MODEL, and there is none: give one, or use --alias NAME=PATH.");
        }
    }

    private void ReadScheduler(ParseResult parsed, ServingOptions serving)
    {
        var scheduler = serving.Scheduler;
        scheduler.BlockTokens = parsed.GetValue(_blockTokens);
        scheduler.TokenBudgetPerStep = parsed.GetValue(_budget);
        scheduler.RunningMax = parsed.GetValue(_running);
        scheduler.WaitingMax = parsed.GetValue(_waiting);
        scheduler.PrefixCaching = !parsed.GetValue(_uncached);
        scheduler.ContextTokens = parsed.GetValue(_context) ?? ContextMax;
        scheduler.Policy = parsed.GetRequiredValue(_fairness);
        scheduler.Switching = scheduler.Switching with { Preemption = parsed.GetValue(_preemption) };
        serving.Swap = SwapTierOptions.Parse(parsed.GetRequiredValue(_swap));
        serving.VerifiesSwap = parsed.GetValue(_verify);
        if (parsed.GetValue(_context) is { } context && serving.ModelPath.Length > 0)
        {
            using var file = GgufFile.Open(serving.ModelPath);
            var most = ModelConfiguration.FromGguf(file).ContextLength;
            if (context > most)
            {
                throw new InvalidOptionException($"--context is {context}; the model was made for at most {most}.");
            }
        }
    }

    private static void Add(IList<string> list, IEnumerable<string>? values)
    {
        foreach (var value in values ?? [])
        {
            list.Add(value);
        }
    }
}
