using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Fairness.Metering;

namespace Rubato.Serving.Tests.Fairness.Metering;

public sealed class FairnessMeterTests
{
    [Fact]
    public void A_gap_counts_from_the_moment_on_at_which_both_wait()
    {
        var meter = new FairnessMeter();
        meter.Queued("A");
        meter.Served("A", 1000, 0, new(0));
        Assert.Equal(0, meter.Report().MaxServiceGap);

        meter.Queued("B");
        meter.Served("A", 10, 5, new(1));
        Assert.Equal(20, meter.Report().MaxServiceGap);
        meter.Served("B", 0, 20, new(2));

        // A is 20 ahead, then B is: over the second interval alone B received 40 more.
        Assert.Equal(40, meter.Report().MaxServiceGap);
        meter.Dequeued("A");
        meter.Served("B", 0, 500, new(3));
        Assert.Equal(40, meter.Report().MaxServiceGap);
        meter.Queued("A");
        meter.Served("B", 0, 15, new(4));
        Assert.Equal(40, meter.Report().MaxServiceGap);
        Assert.Equal([new(new(1), 30.0)], meter.Report().Curve);
    }

    [Fact]
    public void The_gap_is_that_of_a_plain_computation_over_all_intervals()
    {
        var random = new Prng(4);
        for (var round = 0; round < 20; round++)
        {
            var meter = new FairnessMeter();
            var service = new double[4];
            var waiting = new int[4];
            var histories = new Dictionary<(int, int), List<double>>();
            var largest = 0.0;
            for (var step = 0; step < 300; step++)
            {
                var client = random.NextInt32(4);
                switch (random.NextInt32(3))
                {
                    case 0:
                        meter.Queued($"{client}");
                        waiting[client]++;
                        break;
                    case 1 when waiting[client] > 0:
                        meter.Dequeued($"{client}");
                        waiting[client]--;
                        break;
                    default:
                        var tokens = random.NextInt32(100);
                        meter.Served($"{client}", tokens, 0, new(step));
                        service[client] += tokens;
                        break;
                }

                foreach (var (a, b) in Enumerable.Range(0, 4).SelectMany(a => Enumerable.Range(a + 1, 3 - a).Select(b => (a, b))))
                {
                    if (waiting[a] == 0 || waiting[b] == 0)
                    {
                        histories.Remove((a, b));
                        continue;
                    }

                    var history = histories.TryGetValue((a, b), out var known) ? known : histories[(a, b)] = [];
                    history.Add(service[a] - service[b]);
                    largest = Math.Max(largest, history.Max() - history.Min());
                }
            }

            Assert.Equal(largest, meter.Report().MaxServiceGap);
        }
    }

    [Theory]
    [InlineData(new[] { 5, 5, 5 }, 1.0)]
    [InlineData(new[] { 9, 0, 0 }, 1.0 / 3)]
    [InlineData(new[] { 1, 2, 3 }, 36.0 / 42)]
    public void The_index_of_jain(int[] service, double expected)
    {
        var meter = new FairnessMeter();
        Assert.Null(meter.Report().Jain);
        for (var i = 0; i < service.Length; i++)
        {
            meter.Served($"{i}", service[i], 0, Instant.Zero);
        }

        Assert.Equal(expected, meter.Report().Jain!.Value, 12);
    }

    [Fact]
    public void Weights_divide_what_is_compared_and_not_what_is_reported()
    {
        var meter = new FairnessMeter(new() { ClientWeights = ImmutableSortedDictionary<string, double>.Empty.Add("A", 2) });
        meter.Queued("A");
        meter.Queued("B");
        meter.Served("A", 200, 0, Instant.Zero);
        meter.Served("B", 100, 0, Instant.Zero);

        var report = meter.Report();
        Assert.Equal(1, report.Jain!.Value, 12);
        Assert.Equal(100, report.MaxServiceGap);
        Assert.Equal([200.0, 100], report.Clients.Select(client => client.Service));
    }

    [Fact]
    public void Percentiles_are_of_nearest_rank_per_client()
    {
        var meter = new FairnessMeter();
        for (var i = 1; i <= 100; i++)
        {
            meter.FirstToken("A", Duration.FromMilliseconds(i));
            meter.NextToken("A", Duration.FromMilliseconds(2 * i));
            meter.FirstToken("B", Duration.FromMilliseconds(10 * i));
        }

        meter.FirstToken("C", Duration.FromSeconds(7));
        var report = meter.Report();

        Assert.Equal(["A", "B", "C"], report.Clients.Select(client => client.Client));
        Assert.Equal(0.099, report.Clients[0].P99TimeToFirstToken!.Value, 0.0004);
        Assert.Equal(0.198, report.Clients[0].P99TimeBetweenTokens!.Value, 0.0008);
        Assert.Null(report.Clients[1].P99TimeBetweenTokens);
        Assert.Equal(7, report.WorstClientP99TimeToFirstToken);
        Assert.Equal(0.99, report.MedianClientP99TimeToFirstToken!.Value, 0.004);
        Assert.Equal(7 / 0.99, report.WorstOverMedian!.Value, 0.04);
        Assert.Equal(100, report.Clients[0].FirstTokens);
    }

    [Fact]
    public void Memory_is_bounded_and_what_is_not_watched_is_told()
    {
        var meter = new FairnessMeter(pairPlaces: 2);
        for (var i = 0; i < 5000; i++)
        {
            meter.Queued($"{i}");
            meter.Served($"{i}", 1, 1, new(i * 10_000_000_000L));
            meter.Dequeued($"{i}");
        }

        Assert.Equal(1000, meter.Report().Clients.Length);
        Assert.False(meter.Report().SomePairsMissed);
        meter.Queued("A");
        meter.Queued("B");
        for (var i = 0; i < 5000; i++)
        {
            meter.Served("A", 1, 1, new((5000 + i) * 10_000_000_000L));
        }

        Assert.InRange(meter.Report().Curve.Length, 128, 512);
        Assert.Equal(3 * 5000, meter.Report().Curve[^1].Gap);
        Assert.Equal(meter.Report().Curve.Select(point => point.At).Order(), meter.Report().Curve.Select(point => point.At));
        meter.Queued("C");
        Assert.True(meter.Report().SomePairsMissed);
    }

    [Fact]
    public void Events_of_known_clients_allocate_nothing()
    {
        var meter = new FairnessMeter();
        string[] clients = [.. Enumerable.Range(0, 27).Select(i => $"client {i}")];
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                var client = clients[i % clients.Length];
                meter.Queued(client);
                meter.Served(client, 3, 1, new(i));
                meter.NextToken(client, new(1_000_000 + i % 1000));
                meter.FirstToken(client, new(1_000_000 + i % 1000));
                if (i % 5 != 0)
                {
                    meter.Dequeued(client);
                }
            }

            Assert.True(round < 2 || GC.GetAllocatedBytesForCurrentThread() == before);
        }
    }

    [Fact]
    public void The_bound_of_token_counters()
    {
        Assert.Equal(40_000, new FairnessMeter().TokenCounterBound(256, 10_000));
        Assert.Equal(2 * 5000, new FairnessMeter().TokenCounterBound(5000, 100));
    }
}
