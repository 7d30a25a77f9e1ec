using Rubato.Core;

namespace Rubato.Serving.Tests.Fairness;

/// <summary>Clients that send at random times whatever the server does.</summary>
/// <param name="Client">Who sends.</param>
/// <param name="RequestsPerSecond">Mean rate of a Poisson process.</param>
/// <param name="PromptTokensMax">Prompts are uniform over 1 … this; of exactly this length when <paramref name="Exact"/>.</param>
/// <param name="OutputTokensMax">The same of outputs.</param>
/// <param name="Exact">Whether lengths are fixed.</param>
internal sealed record OpenLoad(string Client, double RequestsPerSecond, int PromptTokensMax, int OutputTokensMax, bool Exact = true)
{
    /// <summary>Drives a server with loads until a moment; what is live then stays so.</summary>
    public static void Run(PolicyServer server, IReadOnlyList<OpenLoad> loads, double seconds, ulong seed)
    {
        var random = new Prng(seed);
        var streams = loads.Select((_, index) => random.Split((ulong)index)).ToArray();
        var next = loads.Select((load, index) => load.Gap(streams[index])).ToArray();
        while (server.Now.Seconds < seconds)
        {
            for (var i = 0; i < loads.Count; i++)
            {
                while (next[i] <= server.Now.Seconds)
                {
                    var load = loads[i];
                    server.Admit(load.Client, load.Length(load.PromptTokensMax, streams[i]), load.Length(load.OutputTokensMax, streams[i]));
                    next[i] += load.Gap(streams[i]);
                }
            }

            if (!server.Step())
            {
                server.AdvanceTo(Instant.FromSeconds(next.Min()) + new Duration(1));
            }
        }
    }

    private double Gap(Prng random) => -DeterministicMath.Log(1 - random.NextDouble()) / RequestsPerSecond;

    private int Length(int max, Prng random) => Exact ? max : random.NextInt32(1, max + 1);
}
