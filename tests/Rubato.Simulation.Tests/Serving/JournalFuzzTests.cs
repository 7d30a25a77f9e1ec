using System.Diagnostics;
using System.Text;
using Rubato.Core;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class JournalFuzzTests
{
    private const long AllocatedBytesMax = 4 << 20;

    /// <summary>Generous: a replay of these journals takes well under a millisecond, a pause of the machine may take long.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_mutated_journal_is_replayed_or_refused_in_one_line_within_bounds()
    {
        var originals = Enumerable.Range(0, 8).Select(seed => SmallJournal((ulong)seed)).ToArray();
        var (replayed, refused) = (0, 0);
        for (var i = 0; i < FuzzScale.Times(100_000); i++)
        {
            var prng = new Prng((ulong)i);
            var journal = Mutate(originals[prng.NextInt32(originals.Length)], originals[prng.NextInt32(originals.Length)], prng);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            try
            {
                SimServing.Replay(new MemoryStream(journal));
                replayed++;
            }
            catch (RubatoException refusal)
            {
                refused++;
                Assert.DoesNotContain('\n', refusal.Message);
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < AllocatedBytesMax, $"mutation {i} allocates too much");
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeMax, $"mutation {i} takes too long");
        }

        Assert.True(replayed > 1000 && refused > 1000, $"{replayed} replayed, {refused} refused: the mutations are one-sided");
    }

    [Fact]
    public void Deep_nesting_is_refused_at_any_depth()
    {
        foreach (var depth in new[] { 10, 1_000, 1_000_000 })
        {
            var header = SchedulerReplayTests.Record(3).Split('\n')[0];
            var text = $"{header}\n{{\"call\":{new string('[', depth)}{new string(']', depth)}}}\n";
            Assert.Throws<InvalidFormatException>(() => SimServing.Replay(new MemoryStream(Encoding.UTF8.GetBytes(text))));
        }
    }

    private static byte[] SmallJournal(ulong seed)
    {
        using var stream = new MemoryStream();
        var result = SimServing.Run(seed, new()
        {
            Journal = stream,
            Parameters = new()
            {
                Scheduler = new()
                {
                    BlockTokens = 2,
                    KvBlocks = 6,
                    RunningMax = 2,
                    TokenBudgetPerStep = 4,
                    ContextTokens = 12,
                    WaitingMax = 2,
                },
                Workload = new() { Requests = 3, ArrivalsPerSecond = 1e3, PromptTokensMean = 3, OutputTokensMean = 4, OutputTokensMax = 6 },
                Faults = new() { CancelPerMille = 300, CancelAfterSecondsMean = 0.005, DrainAfterPerMille = 700, CancelOnDrain = true },
            },
        });
        Assert.True(result.Passed, result.Failure);
        return stream.ToArray();
    }

    private static byte[] Mutate(byte[] original, byte[] other, Prng prng)
    {
        var bytes = new List<byte>(original);
        for (var rounds = 1 + prng.NextInt32(3); rounds > 0; rounds--)
        {
            var at = prng.NextInt32(bytes.Count);
            switch (prng.NextInt32(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << prng.NextInt32(8));
                    break;
                case 1:
                    bytes.Insert(at, (byte)prng.NextInt32(256));
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at - 1, prng.NextInt32(20)));
                    break;
                case 3:
                    bytes.RemoveRange(at + 1, bytes.Count - at - 1);
                    break;
                case 4:
                    ReplaceNumber(bytes, at, prng);
                    break;
                case 5:
                    MoveLine(bytes, at, prng);
                    break;
                case 6:
                    var from = prng.NextInt32(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, prng.NextInt32(200))).ToArray());
                    break;
                default:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)(prng.Chance(1, 2) ? '[' : '{'), prng.NextInt32(1, 2000)));
                    break;
            }
        }

        return [.. bytes];
    }

    private static void ReplaceNumber(List<byte> bytes, int at, Prng prng)
    {
        string[] numbers =
        [
            "0", "1", "2", "-1", "1048576", "16777216", "2147483647", "2147483648", "9223372036854775807", "-9223372036854775808",
            "1e308", "1e999", "0.5", "null", "\"\"",
        ];
        var start = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
        if (start >= 0)
        {
            var end = bytes.FindIndex(start, value => value is < (byte)'0' or > (byte)'9');
            bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
            bytes.InsertRange(start, Encoding.ASCII.GetBytes(numbers[prng.NextInt32(numbers.Length)]));
        }
    }

    /// <summary>Moves, repeats or drops the line around a place: each line stays valid, their order does not.</summary>
    private static void MoveLine(List<byte> bytes, int at, Prng prng)
    {
        var start = bytes.FindLastIndex(at, value => value == (byte)'\n') + 1;
        var end = bytes.FindIndex(start, value => value == (byte)'\n') + 1;
        if (end <= start)
        {
            return;
        }

        var line = bytes.GetRange(start, end - start);
        if (prng.Chance(2, 3))
        {
            bytes.RemoveRange(start, line.Count);
        }

        if (prng.Chance(2, 3))
        {
            var to = bytes.Count == 0 ? 0 : bytes.FindIndex(prng.NextInt32(bytes.Count), value => value == (byte)'\n') + 1;
            bytes.InsertRange(to, line);
        }

        if (bytes.Count == 0)
        {
            bytes.Add((byte)'\n');
        }
    }
}
