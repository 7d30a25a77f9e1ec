using System.Globalization;
using System.Text;
using Rubato.Core;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class SchedulerReplayTests
{
    [Fact]
    public void Recorded_runs_replay_with_identical_plans()
    {
        for (var seed = 0UL; seed < 60; seed++)
        {
            var journal = Record(seed);
            var replay = SimServing.Replay(new MemoryStream(Encoding.UTF8.GetBytes(journal)));
            Assert.True(replay.Identical, $"seed {seed}: {replay.FirstDifference}");
            Assert.Equal(journal.Split('\n').Count(line => line.StartsWith("{\"call\":\"plan\"", StringComparison.Ordinal)), replay.Plans);
            Assert.Equal(journal.Count(letter => letter == '\n') - 1, replay.Calls);
        }
    }

    [Fact]
    public void A_recording_cut_short_anywhere_replays_up_to_its_last_whole_line()
    {
        var journal = Encoding.UTF8.GetBytes(Record(3));
        var header = journal.AsSpan().IndexOf((byte)'\n') + 1;
        var random = new Prng(8);
        for (var trial = 0; trial < 60; trial++)
        {
            var part = journal[..random.NextInt32(header, journal.Length + 1)];
            var replay = SimServing.Replay(new MemoryStream(part));
            Assert.True(replay.Identical, replay.FirstDifference);
            Assert.Equal(part.Count(letter => letter == '\n') - 1, replay.Calls);
            Assert.Equal(part[^1] != '\n', replay.CutShort);
        }
    }

    [Fact]
    public void A_changed_plan_is_reported_with_its_line_and_place()
    {
        var journal = Record(3);
        var changed = ReplaceFirst(journal, "\"start\":0", "\"start\":7");
        var line = 1 + journal[..journal.IndexOf("\"start\":0", StringComparison.Ordinal)].Count(letter => letter == '\n');

        var replay = Replay(changed);

        Assert.False(replay.Identical);
        Assert.Contains($"run.jsonl, line {line}: plan 0 differs at byte", replay.FirstDifference, StringComparison.Ordinal);
        Assert.Contains("\"start\":7", replay.FirstDifference, StringComparison.Ordinal);
        Assert.Contains("\"start\":0", replay.FirstDifference, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_option_changes_plans_or_outcomes()
    {
        var journal = Record(3);
        var blocks = journal.Split("\"blockTokens\":")[1].Split(',')[0];
        var more = int.Parse(blocks, CultureInfo.InvariantCulture) + 1;
        Assert.False(Replay(ReplaceFirst(journal, $"\"blockTokens\":{blocks},", $"\"blockTokens\":{more},")).Identical);
        Assert.False(Replay(ReplaceFirst(journal, "\"outcome\":\"admitted\"", "\"outcome\":\"queueFull\"")).Identical);
    }

    [Fact]
    public void Tokens_that_the_plan_does_not_sample_are_a_malformed_journal()
    {
        var journal = Record(3);
        var at = journal.IndexOf("\"tokens\":[{\"request\":", StringComparison.Ordinal);
        var end = journal.IndexOf(']', at);
        var without = string.Concat(journal.AsSpan(0, at), "\"tokens\":[", journal.AsSpan(end));
        var failure = Assert.Throws<InvalidFormatException>(() => Replay(without));
        Assert.Contains("the tokens are not those that step", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_policy_is_named()
    {
        var failure = Assert.Throws<InvalidFormatException>(() => Replay(ReplaceFirst(Record(3), "\"fcfs\"", "\"lottery\"")));
        Assert.Contains("lottery", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_has_a_line_per_call()
    {
        using var log = new StringWriter();
        var replay = SimServing.Replay(new MemoryStream(Encoding.UTF8.GetBytes(Record(3))), log);
        Assert.Equal(replay.Calls, log.ToString().Count(letter => letter == '\n'));
    }

    internal static string Record(ulong seed)
    {
        using var stream = new MemoryStream();
        SimServing.Run(seed, new() { Lite = true, Journal = stream });
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static ReplayResult Replay(string journal) =>
        SimServing.Replay(new MemoryStream(Encoding.UTF8.GetBytes(journal)), name: "run.jsonl");

    private static string ReplaceFirst(string text, string old, string with)
    {
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{old} is not in the journal");
        return string.Concat(text.AsSpan(0, at), with, text.AsSpan(at + old.Length));
    }
}
