using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;

namespace Rubato.Hosting.Telemetry;

/// <summary>Tokens by client, under labels that name nobody and that are bounded in number. For the engine's thread alone.</summary>
internal sealed class ClientInstruments(Meter meter, string model)
{
    /// <summary>Clients beyond these share one label.</summary>
    public const int LabelsMax = 64;

    private const int LabelBytes = 6;

    private readonly Counter<long> _tokens = meter.CreateCounter<long>(
        "rubato.client.tokens", "{token}", "Tokens of prompts (cached ones too) and generated tokens, by a hash of the client's name.");

    private readonly Dictionary<string, string> _labels = [];

    public void Prompt(string client, int tokens) => Add(client, "input", tokens);

    public void Generated(string client) => Add(client, "output", 1);

    private void Add(string client, string type, int tokens) =>
        _tokens.Add(tokens, new TagList { { "gen_ai.request.model", model }, { "client", LabelOf(client) }, { "gen_ai.token.type", type } });

    private string LabelOf(string client)
    {
        if (_labels.TryGetValue(client, out var known))
        {
            return known;
        }

        if (_labels.Count == LabelsMax)
        {
            return "other";
        }

        var label = client.Length == 0 ? "unnamed" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(client)).AsSpan(0, LabelBytes));
        _labels.Add(client, label);
        return label;
    }
}
