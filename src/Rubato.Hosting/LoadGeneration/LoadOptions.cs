using System.ComponentModel.DataAnnotations;

namespace Rubato.Hosting.LoadGeneration;

/// <summary>What load to put on a server. Same options and seed, same prompts and arrival times.</summary>
public sealed class LoadOptions
{
    /// <summary>The server, like <c>http://127.0.0.1:8080</c>, with or without <c>/v1</c> at the end.</summary>
    public string Url { get; set; } = "http://127.0.0.1:8080";

    /// <summary>The model to ask for; null takes the first of <c>/v1/models</c>.</summary>
    public string? Model { get; set; }

    /// <summary>The key to send; null sends none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Requests in all. Range 1…10,000,000; default 100.</summary>
    [Range(1, 10_000_000)]
    public int Requests { get; set; } = 100;

    /// <summary>
    /// Open loop: requests per second, arriving as a Poisson process whatever the server does. Null is a closed loop: each client sends
    /// its next request when the last has ended. Range 0.001…100,000.
    /// </summary>
    [Range(0.001, 100_000.0)]
    public double? RatePerSecond { get; set; }

    /// <summary>Clients, each with a name of its own; in a closed loop also the requests in flight. Range 1…10,000; default 8.</summary>
    [Range(1, 10_000)]
    public int Clients { get; set; } = 8;

    /// <summary>Fewest words of a prompt. Range 1…100,000; default 16.</summary>
    [Range(1, 100_000)]
    public int PromptWordsMin { get; set; } = 16;

    /// <summary>Most words of a prompt. Range 1…100,000; default 64.</summary>
    [Range(1, 100_000)]
    public int PromptWordsMax { get; set; } = 64;

    /// <summary>Words with which every prompt begins, before its own: a system prompt, in effect. Range 0…100,000; default 0.</summary>
    [Range(0, 100_000)]
    public int SharedWords { get; set; }

    /// <summary>Limit on generated tokens. Range 1…1,000,000; default 64.</summary>
    [Range(1, 1_000_000)]
    public int OutputTokensMax { get; set; } = 64;

    /// <summary>Asks the server to go on past the end of text, where it knows <c>ignore_eos</c>, so that every output has the full length.</summary>
    public bool IgnoresEndOfText { get; set; }

    /// <summary>Uses <c>/v1/completions</c> in place of <c>/v1/chat/completions</c>.</summary>
    public bool UsesCompletions { get; set; }

    /// <summary>A request that takes longer counts as an error, in seconds. Range 1…86,400; default 600.</summary>
    [Range(1.0, 86_400.0)]
    public double RequestSecondsMax { get; set; } = 600;

    /// <summary>Seed of prompts, lengths, arrival times and sampling.</summary>
    public ulong Seed { get; set; } = 1;
}
