using System.Globalization;
using System.Text.Json;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class ServingSwarmTests
{
    private static readonly int Seeds = FuzzScale.Times(300);

    /// <summary>The fixed seeds, and the one that RUBATO_SEED names (a commit's hash in continuous integration).</summary>
    private static IEnumerable<ulong> AllSeeds
    {
        get
        {
            for (var seed = 0; seed < Seeds; seed++)
            {
                yield return (ulong)seed;
            }

            if (Environment.GetEnvironmentVariable("RUBATO_SEED") is { Length: > 0 } text)
            {
                yield return ulong.Parse(text.AsSpan(0, Math.Min(16, text.Length)), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
        }
    }

    [Fact]
    public void Every_seed_keeps_every_invariant_and_every_kind_of_event_occurs()
    {
        var seen = new HashSet<string>();
        foreach (var seed in AllSeeds)
        {
            var result = SimServing.Run(seed, new() { Lite = true });
            Assert.True(result.Passed, $"{result.Failure} repeat: rubato sim serving --seed {seed} --lite");
            seen.UnionWith(result.Refused.Keys);
            seen.UnionWith(result.Finished.Keys);
            seen.UnionWith(result.Preemptions > 0 ? ["Preempted"] : []);
            seen.UnionWith(result.RecomputedTokens > 0 ? ["Recomputed"] : []);
            seen.UnionWith(result.CachedPromptTokens > 0 ? ["Cached"] : []);
            seen.UnionWith(result.RestoredTokens > 0 ? ["Restored"] : []);
            Assert.Equal(result.Requests, result.Refused.Values.Sum() + result.Finished.Values.Sum());
        }

        HashSet<string> kinds =
            ["QueueFull", "PromptTooLong", "ExceedsMemory", "ShuttingDown", "Stop", "Length", "Cancelled", "Preempted", "Recomputed", "Cached", "Restored"];
        Assert.Superset(kinds, seen);
    }

    [Fact]
    public void A_large_run_keeps_every_invariant()
    {
        for (var seed = 1000UL; seed < 1005; seed++)
        {
            var result = SimServing.Run(seed);
            Assert.True(result.Passed, $"{result.Failure} repeat: rubato sim serving --seed {seed}");
        }
    }

    [Fact]
    public void A_seed_repeats_its_run_to_the_last_byte()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            Assert.Equal(RunOnce(seed), RunOnce(seed));
        }

        static (string Result, string Log, string Journal) RunOnce(ulong seed)
        {
            using var log = new StringWriter(CultureInfo.InvariantCulture);
            using var journal = new MemoryStream();
            var result = SimServing.Run(seed, new() { Lite = true, Log = log, Journal = journal });
            return (JsonSerializer.Serialize(result), log.ToString(), Convert.ToBase64String(journal.ToArray()));
        }
    }

    [Fact]
    public void A_run_prints_its_seed_its_parameters_and_its_verdict()
    {
        using var log = new StringWriter(CultureInfo.InvariantCulture);
        var result = SimServing.Run(42, new() { Lite = true, Log = log });
        var lines = log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("seed 42", lines[0].Trim());
        Assert.StartsWith("parameters {\"scheduler\":{\"blockTokens\":", lines[1], StringComparison.Ordinal);
        Assert.Equal(result.Passed ? "passed" : "FAILED", lines[^1].Trim());
        Assert.Contains(lines, line => line.Contains("step 0:", StringComparison.Ordinal));
    }
}
