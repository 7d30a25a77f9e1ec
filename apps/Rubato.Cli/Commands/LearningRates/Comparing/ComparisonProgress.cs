using System.Diagnostics;
using System.Globalization;
using Rubato.LearningRates.Comparison;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>How far a comparison is and how long it will take, on standard error: one moving line, or a line now and then where that is no terminal.</summary>
internal sealed class ComparisonProgress : IDisposable
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(100);

    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Dictionary<string, long> _open;
    private readonly Dictionary<string, (double Seconds, long Updates)> _spent = [];
    private readonly int _runs;
    private int _done;
    private double _before;
    private TimeSpan _next;

    public ComparisonProgress(ScheduleComparison comparison, IReadOnlyList<CellRecord> done)
    {
        _open = comparison.Plan().GroupBy(run => run.Task).ToDictionary(group => group.Key, group => group.Sum(run => run.Updates));
        _runs = comparison.Plan().Count();
        _done = done.Count;
        foreach (var record in done)
        {
            _open[record.Task] -= record.Updates;
        }

        _next = _terminal ? TimeSpan.Zero : LineInterval;
    }

    /// <summary>Takes note of a run that has just ended.</summary>
    public void Report(CellRecord record)
    {
        var now = _watch.Elapsed.TotalSeconds;
        var (seconds, updates) = _spent.GetValueOrDefault(record.Task);
        _spent[record.Task] = (seconds + now - _before, updates + record.Updates);
        (_before, _done) = (now, _done + 1);
        _open[record.Task] -= record.Updates;
        if (_watch.Elapsed < _next)
        {
            return;
        }

        _next = _watch.Elapsed + (_terminal ? BarInterval : LineInterval);
        var text = string.Create(CultureInfo.InvariantCulture, $"{_done:N0} of {_runs:N0} runs, {Left()} left; {100 * record.Budget:0.#} % {record.Task} {record.Schedule}");
        if (_terminal)
        {
            Console.Error.Write($"\r{text}\u001b[K");
        }
        else
        {
            Console.Error.WriteLine(text);
        }
    }

    public void Dispose()
    {
        if (_terminal)
        {
            Console.Error.Write("\r\u001b[K");
        }
    }

    /// <summary>Each task at its own speed; one that has not begun, at the mean speed of the others.</summary>
    private string Left()
    {
        var mean = _spent.Values.Sum(spent => spent.Seconds) / _spent.Values.Sum(spent => spent.Updates);
        var seconds = _open.Sum(task => task.Value * (_spent.TryGetValue(task.Key, out var spent) ? spent.Seconds / spent.Updates : mean));
        return TimeSpan.FromSeconds(Math.Ceiling(seconds)).ToString(seconds >= 3600 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
    }
}
