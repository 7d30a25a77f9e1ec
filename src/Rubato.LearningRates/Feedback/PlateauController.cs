using Rubato.Core;

namespace Rubato.LearningRates.Feedback;

/// <summary>Decay on plateau: cuts the rate when the validation loss stops improving. The one schedule here that is no function of progress.</summary>
/// <remarks>Patience and cool-down are shares of the budget, so that the rule scales with it. A loss that is not finite counts as no improvement.</remarks>
public sealed class PlateauController
{
    private readonly PlateauOptions _options;

    /// <summary>A controller at the beginning of a run, or going on from a saved state.</summary>
    /// <exception cref="InvalidOptionException">An option is out of range.</exception>
    public PlateauController(PlateauOptions? options = null, PlateauState? state = null)
    {
        _options = options ?? new();
        _options.Validate();
        State = state ?? new();
    }

    /// <summary>All that the controller remembers.</summary>
    public PlateauState State { get; private set; }

    /// <summary>The factor on the peak rate until the next evaluation.</summary>
    public double Multiplier => State.Multiplier;

    /// <summary>Takes note of an evaluation and returns the new <see cref="Multiplier"/>.</summary>
    /// <param name="loss">The validation loss; lower is better.</param>
    /// <param name="progress">Spent share of the budget, 0 … 1, not decreasing.</param>
    public double Observe(double loss, double progress)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(progress is >= 0 and <= 1, true, nameof(progress));
        var improved = double.IsFinite(loss) && (State.Best is not { } best || loss < best - Math.Abs(best) * _options.Threshold);
        if (improved)
        {
            State = State with { Best = loss, Since = progress };
        }
        else if (progress < State.ResumesAt)
        {
            State = State with { Since = progress };
        }
        else if (progress - State.Since > _options.Patience)
        {
            State = State with
            {
                Multiplier = Math.Max(_options.Lowest, State.Multiplier * _options.Factor),
                Since = progress,
                ResumesAt = progress + _options.Cooldown,
            };
        }

        return Multiplier;
    }
}
