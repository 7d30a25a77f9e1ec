using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>Where one update lies in the budget: it begins at <see cref="Begin"/>, takes <see cref="Length"/>, out of <see cref="Total"/>.</summary>
/// <remarks>
/// All three are in one unit. Counted in steps, an update takes 1 of T, and every rule about "the k-th of N updates" is exact. In any
/// other unit (share of tokens, of seconds) the length is what an update is expected to take, or 0 where nobody knows.
/// </remarks>
public readonly record struct UpdateSpan
{
    private UpdateSpan(double begin, double length, double total, bool counted)
    {
        Begin = begin;
        Length = length;
        Total = total;
        IsCounted = counted;
    }

    /// <summary>What was spent before the update, 0 … <see cref="Total"/>.</summary>
    public double Begin { get; }

    /// <summary>What the update takes; 0 where unknown.</summary>
    public double Length { get; }

    /// <summary>The whole budget, above 0.</summary>
    public double Total { get; }

    /// <summary>Whether the unit is updates, so that boundaries lie between whole updates.</summary>
    public bool IsCounted { get; }

    /// <summary>The update with the 0-based index <paramref name="step"/> of <paramref name="steps"/>.</summary>
    /// <param name="step">0-based index; at or beyond <paramref name="steps"/> it means the end of the budget.</param>
    /// <param name="steps">Updates in the budget, at least 1.</param>
    public static UpdateSpan Step(long step, long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return new(Math.Min(step, steps), 1, steps, counted: true);
    }

    /// <summary>An update that begins when the share <paramref name="progress"/> of the budget is spent.</summary>
    /// <param name="progress">Spent share, clamped to 0 … 1; NaN is refused.</param>
    /// <param name="length">Share that the update is expected to take, 0 … 1; 0 where unknown.</param>
    public static UpdateSpan Share(double progress, double length = 0)
    {
        if (double.IsNaN(progress) || !(length is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(progress), $"Progress {progress} and length {length} must be numbers, the length 0 … 1.");
        }

        return new(Math.Clamp(progress, 0, 1), length, 1, counted: false);
    }

    /// <summary>A counted update at a fractional position: what a re-budgeted run looks up.</summary>
    internal static UpdateSpan Virtual(double begin, long steps) => new(Math.Clamp(begin, 0, steps), 1, steps, counted: true);

    /// <summary>The same update seen from the part of the budget between two boundaries.</summary>
    internal UpdateSpan Within(double from, double to)
    {
        Check.Invariant(to > from, $"part {from} … {to} of {Total} is empty");
        return new(Math.Clamp(Begin - from, 0, to - from), Length, to - from, IsCounted);
    }

    /// <summary>The first update of the same budget.</summary>
    internal UpdateSpan First() => new(0, Length, Total, IsCounted);

    /// <summary>The end of the same budget.</summary>
    internal UpdateSpan Last() => new(Total, Length, Total, IsCounted);

    /// <summary>Where the share <paramref name="share"/> of the budget ends: after whole updates (rounded up) when they are counted.</summary>
    internal double Boundary(double share)
    {
        if (!IsCounted)
        {
            return share * Total;
        }

        var updates = Math.Floor(share * Total);
        return updates / Total < share ? updates + 1 : updates;
    }
}
