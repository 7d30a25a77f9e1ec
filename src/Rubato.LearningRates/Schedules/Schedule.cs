using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Profiles;

namespace Rubato.LearningRates.Schedules;

/// <summary>A learning-rate schedule: floor(warm-up(profile(sampled progress))), a factor on the peak rate, as an immutable value.</summary>
/// <remarks>
/// <see cref="Bind(long)"/> fixes the number of updates and gives random access by step. Under any other budget, ask
/// <see cref="At(in UpdateSpan)"/> with what an <see cref="IBudgetClock"/> says. Safe to share between threads.
/// </remarks>
public sealed record Schedule
{
    /// <summary>A schedule that follows <paramref name="profile"/> and nothing else.</summary>
    public Schedule(IProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Profile = profile;
        Index = profile.DefaultIndex;
    }

    /// <summary>The shape.</summary>
    public IProfile Profile { get; init; }

    /// <summary>Which progress an update reads the profile at.</summary>
    public IndexConvention Index { get; init; }

    /// <summary>How often the profile is read; null for every update.</summary>
    public ISampler? Sampler { get; init; }

    /// <summary>The rise at the beginning, if any.</summary>
    public Warmup? Warmup { get; init; }

    /// <summary>The lowest multiplier; applied last, to the warm-up too.</summary>
    public Floor? Floor { get; init; }

    /// <summary>The budget that the schedule was written for, if it says so.</summary>
    public TrainingBudget? Budget { get; init; }

    /// <summary>The curve of momentum (or Adam's β₁), if it is scheduled.</summary>
    public ChannelCurve? Momentum { get; init; }

    /// <summary>The curve of weight decay, if it is scheduled.</summary>
    public ChannelCurve? WeightDecay { get; init; }

    /// <summary>Changes of the budget during the run, in order.</summary>
    public ValueList<Rebudget> Rebudgets { get; init; }

    /// <summary>Reads the text form, as in <c>rex(beta=0.5) | warmup(5%) | floor(0.01) | sample(50-75) | budget(2000 steps)</c>.</summary>
    /// <exception cref="InvalidOptionException">The text is not a schedule; the message names the position, what was expected and the nearest name.</exception>
    public static Schedule Parse(string text) => ScheduleText.Parse(text);

    /// <summary>The factor on the peak rate when the share <paramref name="progress"/> of the budget is spent and the length of an update is unknown.</summary>
    /// <param name="progress">Clamped to 0 … 1; NaN is refused.</param>
    /// <exception cref="InvalidOptionException">The schedule counts updates, in its warm-up or profile.</exception>
    public double At(double progress) => At(UpdateSpan.Share(progress));

    /// <summary>The factor on the peak rate for one update.</summary>
    /// <exception cref="InvalidOptionException">The schedule counts updates and <paramref name="update"/> does not, or the warm-up takes it all.</exception>
    public double At(in UpdateSpan update)
    {
        var multiplier = Warmup is null ? Read(update) : Warmed(update, Warmup);
        return Floor is null ? multiplier : Floor.Apply(multiplier);
    }

    /// <summary>The momentum for one update, or null when the schedule leaves it alone. One-cycle brings its own.</summary>
    public double? MomentumAt(in UpdateSpan update) =>
        Momentum is not null ? Momentum.At(update)
        : Profile is OneCycleProfile cycle ? cycle.MomentumAt(AfterWarmup(update))
        : null;

    /// <summary>The weight decay for one update, or null when the schedule leaves it alone.</summary>
    public double? WeightDecayAt(in UpdateSpan update) => WeightDecay?.At(update);

    /// <summary>The schedule over <paramref name="steps"/> updates.</summary>
    /// <param name="steps">1 … 2⁵³.</param>
    /// <exception cref="InvalidOptionException">The number is outside, or the warm-up takes all of it, or a re-budgeting does not fit.</exception>
    public StepSchedule Bind(long steps) => new(this, steps);

    /// <summary>The schedule over the number of updates that <see cref="Budget"/> says.</summary>
    /// <exception cref="InvalidOptionException">The budget is missing or not counted in steps.</exception>
    public StepSchedule Bind() => Budget is { Unit: BudgetUnit.Steps } budget
        ? Bind((long)budget.Amount)
        : throw new InvalidOptionException($"schedule {this}: says no budget in steps; add | budget(1000 steps).");

    /// <summary>The text form; <see cref="Parse"/> reads back an equal schedule with bit-identical values.</summary>
    public override string ToString() => ScheduleText.Format(this);

    private double Warmed(in UpdateSpan update, Warmup warmup)
    {
        var taken = warmup.Taken(update);
        if (warmup.Overlay)
        {
            return update.Begin < taken ? warmup.Rise(update, taken) * Read(update) : Read(update);
        }

        var rest = update.Within(taken, update.Total);
        return update.Begin < taken
            ? warmup.Rise(update, taken) * Profile.At(rest.First(), IndexConvention.ZeroBased)
            : Read(rest);
    }

    private double Read(in UpdateSpan update) => Sampler is null
        ? Profile.At(update, Index)
        : Profile.At(Sampler.Hold(Index.Progress(update)));

    private UpdateSpan AfterWarmup(in UpdateSpan update) =>
        Warmup is { Overlay: false } ? update.Within(Warmup.Taken(update), update.Total) : update;
}
