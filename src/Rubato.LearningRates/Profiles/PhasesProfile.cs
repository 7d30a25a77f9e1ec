using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Profiles;

/// <summary>Profiles one after another, each restarted over its own share of the budget; the multi-phase form of UBA is one of these.</summary>
/// <remarks>A share becomes whole updates (its end rounded up), so that every phase counts its own updates by its own index convention.</remarks>
public sealed record PhasesProfile : IProfile, IDescribed
{
    private readonly double[] _ends;

    /// <summary>The phases in order.</summary>
    /// <param name="phases">At least one; their shares make 1.</param>
    /// <exception cref="InvalidOptionException">The shares do not make 1.</exception>
    public PhasesProfile(ValueList<Phase> phases)
    {
        Phases = phases;
        _ends = new double[phases.Count];
        var end = 0.0;
        for (var i = 0; i < _ends.Length; i++)
        {
            _ends[i] = end += phases[i].Share;
        }

        if (!(Math.Abs(end - 1) <= 1e-9))
        {
            throw new InvalidOptionException(string.Create(CultureInfo.InvariantCulture, $"phases: the shares make {end:0.######}, but must make 1."));
        }

        _ends[^1] = 1;
    }

    /// <summary>The phases in order.</summary>
    public ValueList<Phase> Phases { get; }

    /// <inheritdoc/>
    public double At(double progress) => At(UpdateSpan.Share(progress), IndexConvention.ZeroBased);

    /// <inheritdoc/>
    public double At(in UpdateSpan update, IndexConvention index)
    {
        var from = 0.0;
        for (var i = 0; ; i++)
        {
            var to = update.Boundary(_ends[i]);
            if (i == _ends.Length - 1 || update.Begin < to)
            {
                var phase = Phases[i];
                var end = i == _ends.Length - 1 ? update.Total : to;

                // Fewer updates than phases leave the last ones without any: then the end of the last is what remains to be read.
                var value = phase.Profile.At(end > from ? update.Within(from, end) : update.Last(), phase.Index);
                return phase.Min + (phase.Max - phase.Min) * value;
            }

            from = to;
        }
    }

    /// <inheritdoc/>
    public bool Equals(PhasesProfile? other) => other is not null && Phases.Equals(other.Phases);

    /// <inheritdoc/>
    public override int GetHashCode() => Phases.GetHashCode();

    CallTerm IDescribed.Describe()
    {
        var call = new CallTerm("phases");
        foreach (var phase in Phases)
        {
            call = call.With(null, new CallTerm("phase").WithShare("share", phase.Share)
                .With(null, ProfileTerms.Describe(phase.Profile, phase.Index)).With("max", phase.Max, standard: 1).With("min", phase.Min, standard: 0));
        }

        return call;
    }
}
