using System.Globalization;
using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Draws the requests of a run. Each has its own sub-stream of randomness: no request shifts another.</summary>
internal sealed class RequestSource(ServingParameters parameters, Prng prng)
{
    private const double LengthShape = 2;
    private readonly Prng _requests = prng.Split("requests");

    public RequestScript Draw(int index, int client)
    {
        var draws = _requests.Split((ulong)index);
        var workload = parameters.Workload;
        var faults = parameters.Faults;
        var id = new RequestId(index);
        var promptTokens = Length(draws, workload.PromptTokensMean);
        var outputTokens = Length(draws, workload.OutputTokensMean);
        int? stopString = draws.Chance((ulong)faults.StopStringPerMille, 1000) ? 1 + draws.NextInt32(outputTokens) : null;
        Duration? cancel = draws.Chance((ulong)faults.CancelPerMille, 1000)
            ? Duration.FromSeconds(draws.NextExponential(1 / faults.CancelAfterSecondsMean))
            : null;
        var group = workload.PrefixGroups > 0 ? draws.NextInt32(workload.PrefixGroups) : 0;
        var tokens = new GroupTokens(id, group, workload.PrefixGroups > 0 ? workload.PrefixTokens : 0);
        var salt = workload.CacheSalts > 1 ? draws.NextInt32(workload.CacheSalts) : 0;
        var request = new Request
        {
            Id = id,
            Client = string.Create(CultureInfo.InvariantCulture, $"c{client}"),
            PromptTokens = [.. Enumerable.Range(0, promptTokens).Select(tokens.At)],
            OutputTokensMax = workload.OutputTokensMax,
            StopTokens = [RequestScript.StopToken],
            CacheSalt = salt == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"salt {salt}"),
        };
        return new(request, client, outputTokens, stopString, cancel) { Tokens = tokens };
    }

    private static int Length(Prng draws, double mean) => Math.Max(1, (int)Math.Round(draws.NextGamma(LengthShape, mean / LengthShape)));
}
