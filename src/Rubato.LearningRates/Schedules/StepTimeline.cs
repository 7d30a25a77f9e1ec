using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>Maps updates of a run whose budget changes on the way to positions in the budget that it began with.</summary>
/// <remarks>From the change at step s on: position = p + (E − p) · (t − s) / (T' − s), where p is the position at s and E the end. The rate is continuous.</remarks>
internal sealed class StepTimeline
{
    private readonly long _steps;
    private readonly Segment[] _segments;

    public StepTimeline(long steps, IndexConvention index, ValueList<Rebudget> changes)
    {
        _steps = steps;
        _segments = new Segment[changes.Count];
        Total = steps;
        var (i, from) = (0, 0L);
        foreach (var change in changes)
        {
            if (change.Step < from || change.Step >= Total || change.Total <= change.Step)
            {
                throw new InvalidOptionException(
                    $"rebudget {change.Step}:{change.Total}: the step must be {from} … {Total - 1}, before the end of the old budget, and the new budget above it.");
            }

            var begin = Position(change.Step, i);
            _segments[i++] = new(change.Step, begin, Math.Max(0, index.End(steps) - begin), change.Total - change.Step);
            (from, Total) = (change.Step + 1, change.Total);
        }
    }

    /// <summary>Updates of the run in the end.</summary>
    public long Total { get; }

    public UpdateSpan Span(long step) =>
        _segments.Length == 0 ? UpdateSpan.Step(step, _steps) : UpdateSpan.Virtual(Position(step, _segments.Length), _steps);

    private double Position(long step, int segments)
    {
        for (var i = segments - 1; i >= 0; i--)
        {
            ref readonly var segment = ref _segments[i];
            if (step >= segment.Step)
            {
                return segment.Begin + segment.Left * (step - segment.Step) / segment.Updates;
            }
        }

        return step;
    }

    private readonly record struct Segment(long Step, double Begin, double Left, long Updates);
}
