using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Profiles;

namespace Rubato.LearningRates.Schedules;

/// <summary>A rise of the rate at the beginning.</summary>
/// <remarks>
/// With W updates, update t (0-based) has the shape's value at (t + 1) / W: the first is not wasted at 0 and the last reaches the peak.
/// A share of the budget becomes ⌈share · T⌉ updates, at most T − 1. As a prefix (the default) the profile starts after the rise; as an
/// overlay the rise multiplies the profile from its start.
/// </remarks>
public sealed record Warmup
{
    /// <summary>Where a rise begins when nobody knows how long an update is and no <see cref="Start"/> is given.</summary>
    public const double StartOfUnknownUpdate = 0.05;

    /// <summary>Where an exponential rise begins when no <see cref="Start"/> is given.</summary>
    public const double StartOfExponential = 0.01;

    /// <summary>A rise over <paramref name="length"/>.</summary>
    /// <param name="length">A share below 1, or a number of updates.</param>
    /// <param name="shape">How it rises.</param>
    /// <param name="start">What it rises from, 0 … below 1 (above 0 for the exponential shape); null for the default of the shape.</param>
    /// <param name="overlay">Multiply the profile instead of going before it.</param>
    /// <exception cref="InvalidOptionException">An argument is out of range.</exception>
    public Warmup(BudgetPart length, WarmupShape shape = WarmupShape.Linear, double? start = null, bool overlay = false)
    {
        if (!length.IsSteps && length.Amount >= 1)
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"warmup: the share is {length.Amount * 100:0.###}% but must be at least 0% and below 100% of the budget."));
        }

        if (start is { } from && !(from is >= 0 and < 1 && (from > 0 || shape != WarmupShape.Exponential)))
        {
            throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"warmup: start is {from} but must be at least 0 (above 0 when exponential) and below 1."));
        }

        Length = length;
        Shape = shape;
        Start = start;
        Overlay = overlay;
    }

    /// <summary>How long the rate rises.</summary>
    public BudgetPart Length { get; }

    /// <summary>How it rises.</summary>
    public WarmupShape Shape { get; }

    /// <summary>What it rises from; null for 0 (<see cref="StartOfExponential"/>, <see cref="StartOfUnknownUpdate"/>).</summary>
    public double? Start { get; }

    /// <summary>Whether the rise multiplies the profile instead of going before it.</summary>
    public bool Overlay { get; }

    /// <summary>How much of the budget of <paramref name="update"/> the rise takes, in its unit.</summary>
    /// <exception cref="InvalidOptionException">That is the whole budget or more.</exception>
    internal double Taken(in UpdateSpan update)
    {
        var taken = Length.IsSteps ? Length.In(update) : update.Boundary(Length.Amount);
        return taken < update.Total ? taken
            : !Length.IsSteps ? Math.Max(0, update.Total - Math.Max(update.Length, 1e-9 * update.Total))
            : throw new InvalidOptionException(string.Create(
                CultureInfo.InvariantCulture, $"warmup: {Length.Amount} steps are not fewer than the budget's {update.Total / update.Length:0.#}; shorten it."));
    }

    /// <summary>The factor of the rise, 0 … 1, for an update of which <paramref name="taken"/> is the end of the rise.</summary>
    internal double Rise(in UpdateSpan update, double taken)
    {
        var way = Math.Min(1, (update.Begin + update.Length) / taken);
        if (Shape == WarmupShape.Exponential)
        {
            return Math.Pow(Start ?? StartOfExponential, 1 - way);
        }

        var start = Start ?? (update.Length > 0 ? 0 : StartOfUnknownUpdate);
        return start + (1 - start) * Shape switch
        {
            WarmupShape.Quadratic => way * way,
            WarmupShape.Cosine => 1 - CosineProfile.Wave(way),
            _ => way,
        };
    }
}
