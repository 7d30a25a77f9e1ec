using Rubato.Core;

namespace Rubato.Simulation.Serving;

/// <summary>The overload of two clients that fairness is judged by: one asks twice as often as the other, both more than fits.</summary>
/// <remarks>
/// Evenly spaced requests of 256 tokens in and 256 out, none like another; the modest client at the rate, the greedy one at twice it. Source of the shape:
/// Sheng et al., "Fairness in serving large language models", OSDI 2024.
/// </remarks>
internal static class TwoClients
{
    public const string Modest = "modest";
    public const string Greedy = "greedy";
    private const int Tokens = 256;

    /// <param name="count">Requests of both together, a third of them the modest client's.</param>
    /// <param name="rate">Requests of the modest client per second.</param>
    public static IWorkload Create(int count, double rate)
    {
        var requests = new List<TimedRequest>(count);
        for (var i = 0; i < count; i++)
        {
            // Greedy, modest, greedy, then again: at 0, 0, ½ of the modest client's interval.
            var (round, turn) = (i / 3, i % 3);
            var seconds = (round + (turn == 2 ? 0.5 : 0)) / rate;
            requests.Add(new(Instant.Zero + Duration.FromSeconds(seconds), turn == 1 ? Modest : Greedy, Tokens, Tokens));
        }

        return new TimedWorkload(requests);
    }
}
