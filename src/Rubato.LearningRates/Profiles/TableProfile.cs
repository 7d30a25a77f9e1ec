using Rubato.Core;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>Values at equal distances from the beginning to the end of the budget, both included.</summary>
/// <remarks>Over as many updates as values every update has exactly its value; over another budget the values are stretched or squeezed.</remarks>
public sealed record TableProfile : IProfile, IDescribed
{
    /// <summary>A table of <paramref name="values"/>.</summary>
    /// <param name="values">At least one, finite and not negative.</param>
    /// <param name="hold">Hold a value until the next instead of drawing a straight line.</param>
    /// <exception cref="InvalidOptionException">The table is empty or a value is not a number of at least 0.</exception>
    public TableProfile(ValueList<double> values, bool hold = false)
    {
        if (values.Count == 0)
        {
            throw new InvalidOptionException("table: give at least one value.");
        }

        var bad = 0;
        foreach (var value in values.Items)
        {
            if (!(value >= 0) || !double.IsFinite(value))
            {
                throw Require.Outside("table", $"value {bad + 1}", value, "a number of at least 0");
            }

            bad++;
        }

        Values = values;
        Hold = hold;
    }

    /// <summary>The values.</summary>
    public ValueList<double> Values { get; }

    /// <summary>Whether a value is held until the next.</summary>
    public bool Hold { get; }

    /// <inheritdoc/>
    public IndexConvention DefaultIndex => IndexConvention.Closed;

    /// <inheritdoc/>
    public double At(double progress) => AtPosition(Math.Clamp(progress, 0, 1) * (Values.Count - 1));

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index)
    {
        // Multiply before dividing: a table of T values over T updates is then read without any rounding.
        var steps = update.Total - update.Length;
        return index == IndexConvention.Closed && steps > 0
            ? AtPosition(Math.Min(update.Begin, steps) * (Values.Count - 1) / steps)
            : At(index.Progress(update));
    }

    private double AtPosition(double position)
    {
        var values = Values.Items;
        var left = (int)position;
        var share = position - left;
        return share == 0 || Hold || left + 1 >= values.Length ? values[left] : values[left] + (values[left + 1] - values[left]) * share;
    }

    CallTerm IDescribed.Describe() =>
        new CallTerm("table").With(null, new NumbersTerm(Values)).With("interpolation", Hold ? "hold" : "linear", "linear");
}
