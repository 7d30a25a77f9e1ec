using CsCheck;
using Rubato.Core;
using Rubato.LearningRates.Comparison;

namespace Rubato.LearningRates.Tests.Comparison;

public sealed class ComparisonLogTests
{
    private static readonly ScheduleComparison Experiment =
        new("fake", [FakeTask.Hashed("a/sgd")], [Contestant.Parse("rex"), Contestant.Parse("linear | warmup(5%)")], [0.1, 1], [1, 2]);

    private static readonly CellRecord[] Records = [.. Experiment.Run([], CancellationToken.None)];

    private static readonly string Text = ComparisonLog.Head(Experiment.Settings) + string.Concat(Records.Select(ComparisonLog.Line));

    [Fact]
    public void Every_record_comes_back_with_all_its_bits()
    {
        var drawn = Gen.Select(Gen.Double[1e-300, 1e300], Gen.Double[0, 1], Gen.ULong, Gen.Bool, Gen.String).Select((loss, budget, seed, diverged, note) => new CellRecord
        {
            Task = "t/sgd",
            Schedule = "rex | sample(50-75)",
            Budget = budget,
            Updates = 12,
            BaseRate = loss / 3,
            Seed = seed,
            Loss = diverged ? double.PositiveInfinity : loss,
            Diverged = diverged,
            Metric = diverged ? null : budget / 7,
            Note = note,
        });
        drawn.Where(record => double.IsFinite(record.BaseRate)).Sample(record =>
        {
            var read = ComparisonLog.Read(ComparisonLog.Head(Experiment.Settings) + ComparisonLog.Line(record), "log")!.Records;
            var expected = record with { Note = record.Note is null ? null : string.Concat(record.Note.Select(c => char.IsSurrogate(c) ? '?' : c)) };
            var actual = Assert.Single(read);
            Assert.Equal(expected with { Note = null }, actual with { Note = null });
            Assert.Equal(expected.Note!.Length == 0, actual.Note!.Length == 0);
        });
    }

    [Fact]
    public void A_log_cut_off_anywhere_reads_as_its_whole_lines()
    {
        for (var length = 0; length <= Text.Length; length++)
        {
            var log = ComparisonLog.Read(Text[..length], "log");
            var whole = Text[..length].Count(c => c == '\n');
            Assert.Equal(whole == 0, log is null);
            Assert.Equal(Math.Max(0, whole - 1), log?.Records.Count ?? 0);
            Assert.Equal(Text[..length].LastIndexOf('\n') + 1, log?.WholeLength ?? 0);
        }
    }

    [Fact]
    public void Damage_in_the_middle_names_the_line_and_never_anything_else()
    {
        var lines = Text.Split('\n');
        Gen.Select(Gen.Int[0, Text.Length - 1], Gen.Char).Sample((at, character) =>
        {
            var damaged = Text[..at] + character + Text[(at + 1)..];
            try
            {
                _ = ComparisonLog.Read(damaged, "log");
            }
            catch (InvalidFormatException e)
            {
                Assert.Matches("^log:[0-9]+: .*(delete that line|give another --out folder)", e.Message);
            }
        }, iter: FuzzScale.Times(3000));
        Assert.Throws<InvalidFormatException>(() => ComparisonLog.Read(Text + lines[1] + "\n", "log"));
        Assert.Throws<InvalidFormatException>(() => ComparisonLog.Read(lines[0].Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal) + "\n", "log"));
    }

    [Fact]
    public void Any_changed_setting_is_refused_by_name()
    {
        var log = ComparisonLog.Read(Text, "log")!;
        log.RequireSame(Experiment.Settings, "log");
        var task = Experiment.Settings.Tasks[0];
        (ExperimentSettings Settings, string Named)[] changes =
        [
            (Experiment.Settings with { Suite = "other" }, "suite fake"),
            (Experiment.Settings with { Seeds = [1, 2, 3] }, "seeds 1, 2, now 1, 2, 3"),
            (Experiment.Settings with { Budgets = [0.1] }, "budgets 0.1, 1, now 0.1"),
            (Experiment.Settings with { Schedules = ["rex"] }, "schedules rex, linear"),
            (Experiment.Settings with { Tasks = [task with { Name = "b" }] }, "tasks a/sgd, now b"),
            (Experiment.Settings with { Tasks = [task with { BaseRates = [1] }] }, "a/sgd: base rates"),
            (Experiment.Settings with { Tasks = [task with { Settings = "other data" }] }, "a/sgd none, now other data"),
            (Experiment.Settings with { Tasks = [task with { FullBudget = 5 }] }, "a/sgd: another"),
        ];
        Assert.All(changes, change =>
        {
            var error = Assert.Throws<InvalidOptionException>(() => log.RequireSame(change.Settings, "log"));
            Assert.Contains(change.Named, error.Message, StringComparison.Ordinal);
        });
    }
}
