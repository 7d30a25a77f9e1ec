using System.Globalization;
using System.Text.Json;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Schedules;
using Rubato.Torch;
using Rubato.Torch.Comparison;
using Rubato.Torch.Data;
using Rubato.Torch.Llama;
using Rubato.Torch.Reports;
using Rubato.Torch.Training;

namespace Rubato.Cli.Training.Compare;

/// <summary>A budget in seconds, kept in two ways: by a clock that is read at every update, and by a number of updates estimated from the first few.</summary>
/// <remarks>The language-model task. Times are real: the numbers of two runs differ, and more so on a busy machine.</remarks>
internal static class ClockAblation
{
    private const double BaseRate = 1e-2;
    private const int MeasuredUpdates = 20;
    private const int ScoredRows = 256;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Trains every schedule with every seed under both clocks, and prints.</summary>
    public static int Run(double seconds, IReadOnlyList<Schedule> schedules, IReadOnlyList<ulong> seeds, bool json, CancellationToken stop)
    {
        TorchRuntime.Start(threads: null);
        var text = LanguageModelText.Load();
        var runs = new List<ClockRun>();
        foreach (var schedule in schedules)
        {
            foreach (var seed in seeds)
            {
                // Estimated first, so that it does not profit from what the other run has warmed up.
                var estimate = Train(text, schedule, seed, new(MeasuredUpdates, BudgetUnit.Steps), "measured", seconds, stop);
                var updates = Math.Max(1, (long)Math.Round(seconds / estimate.Seconds * MeasuredUpdates));
                Report(Train(text, schedule, seed, new(updates, BudgetUnit.Steps), "estimated steps", seconds, stop));
                Report(Train(text, schedule, seed, new((decimal)seconds, BudgetUnit.Seconds), "seconds", seconds, stop));
            }
        }

        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new { budgetSeconds = seconds, baseRate = BaseRate, runs }, Json));
        }
        else
        {
            Print(Console.Out, seconds, runs);
        }

        return ExitCode.Done;

        void Report(ClockRun run)
        {
            runs.Add(run);
            Console.Error.WriteLine($"{run.Schedule}, seed {run.Seed}, {run.Clock}: {run.Updates} updates in {run.Seconds.ToString("F2", CultureInfo.InvariantCulture)} s");
        }
    }

    private static ClockRun Train(LanguageModelText text, Schedule schedule, ulong seed, TrainingBudget budget, string clock, double seconds, CancellationToken stop)
    {
        var sizes = new LanguageModelTaskOptions();
        using var model = new LlamaModule(text.Configuration(sizes.Sequence), seed);
        var options = new TrainerOptions { Budget = budget, Schedule = schedule, LearningRate = BaseRate, Batch = sizes.Batch, Validations = 0 };
        using var trainer = new Trainer(model, new ShuffledRows(text.Training, sizes.Sequence, seed), null, options, TimeProvider.System);
        var last = new LastUpdate();
        _ = trainer.Run(last, null, stop);
        stop.ThrowIfCancellationRequested();
        return new(
            schedule.ToString(), seed, clock, trainer.Progress.Steps, trainer.Progress.Elapsed.Seconds, trainer.Progress.Elapsed.Seconds - seconds, last.Seconds, last.Progress,
            text.HeldOut(sizes.Sequence, sizes.Batch).Measure(model, ScoredRows).BitsPerByte);
    }

    private static void Print(TextWriter output, double seconds, List<ClockRun> runs)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"budget {seconds} s; mean (standard deviation) over seeds"));
        output.WriteLine($"  {"schedule",-28} {"clock",-16} {"updates",14} {"seconds over",18} {"last update at",15} {"bits per byte",18}");
        foreach (var group in runs.GroupBy(run => (run.Schedule, run.Clock)))
        {
            output.WriteLine(
                $"  {group.Key.Schedule,-28} {group.Key.Clock,-16} {Spread(group, run => run.Updates, "F0"),14} {Spread(group, run => run.SecondsOver, "F2"),18} "
                + $"{group.Average(run => run.LastProgress).ToString("P1", CultureInfo.InvariantCulture),15} {Spread(group, run => run.BitsPerByte, "F4"),18}");
        }
    }

    private static string Spread(IEnumerable<ClockRun> runs, Func<ClockRun, double> value, string format)
    {
        var statistics = new StreamingStatistics();
        foreach (var run in runs)
        {
            statistics.Add(value(run));
        }

        return $"{statistics.Mean.ToString(format, CultureInfo.InvariantCulture)} ({statistics.SampleDeviation.ToString(format, CultureInfo.InvariantCulture)})";
    }

    /// <summary>One training run.</summary>
    private sealed record ClockRun(
        string Schedule, ulong Seed, string Clock, long Updates, double Seconds, double SecondsOver, double LastUpdateSeconds, double LastProgress, double BitsPerByte);

    /// <summary>Keeps where the last update began and what it took.</summary>
    private sealed class LastUpdate : ITrainingObserver
    {
        private double _elapsed;

        public double Progress { get; private set; }

        public double Seconds { get; private set; }

        public void OnUpdate(UpdateReport report)
        {
            (Progress, Seconds) = (report.Progress, report.At.Elapsed.Seconds - _elapsed);
            _elapsed = report.At.Elapsed.Seconds;
        }

        public void OnValidation(TrainingCounters at, ValidationResult result)
        {
        }
    }
}
