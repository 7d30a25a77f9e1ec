using Rubato.Core;
using Rubato.LearningRates.Feedback;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Comparison;

/// <summary>One of the schedules that are compared.</summary>
public sealed record Contestant
{
    /// <summary>Name of the schedule that is refined from the linear run of the same task and budget.</summary>
    public const string RefinedName = "refined";

    /// <summary>Name of decay on plateau.</summary>
    public const string PlateauName = "plateau";

    /// <summary>Name of the schedule-free method.</summary>
    public const string ScheduleFreeName = "schedule-free";

    /// <summary>Name of linear decay, whose runs give the norms for <see cref="RefinedName"/>.</summary>
    public const string LinearName = "linear";

    private Contestant(string name, ContestantKind kind, Schedule schedule) => (Name, Kind, Schedule) = (name, kind, schedule);

    /// <summary>The text form of the schedule, or one of the three names.</summary>
    public string Name { get; }

    /// <summary>How it comes to its rates.</summary>
    public ContestantKind Kind { get; }

    /// <summary>The multipliers of the base rate; constant for plateau decay and schedule-free; linear in place of what is refined later.</summary>
    public Schedule Schedule { get; }

    /// <summary>Linear decay.</summary>
    public static Contestant Linear { get; } = Of(new Schedule(new LinearProfile()));

    /// <summary>The contestant that <paramref name="text"/> names: refined, plateau, schedule-free, or a schedule in text form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parse">Reads schedules; null for <see cref="Schedules.Schedule.Parse"/>.</param>
    /// <exception cref="InvalidOptionException">It is no schedule, or one with a budget of its own.</exception>
    public static Contestant Parse(string text, Func<string, Schedule>? parse = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Trim() switch
        {
            RefinedName => new(RefinedName, ContestantKind.Refined, Linear.Schedule),
            PlateauName => new(PlateauName, ContestantKind.Plateau, new(new ConstantProfile())),
            ScheduleFreeName => new(ScheduleFreeName, ContestantKind.ScheduleFree, new(new ConstantProfile())),
            _ => Of((parse ?? Schedule.Parse)(text)),
        };
    }

    /// <summary>A schedule as a contestant.</summary>
    /// <exception cref="InvalidOptionException">The schedule has a budget of its own, or changes it on the way.</exception>
    public static Contestant Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return schedule.Budget is null && schedule.Rebudgets.Count == 0
            ? new(schedule.ToString(), ContestantKind.Scheduled, schedule)
            : throw new InvalidOptionException($"schedule {schedule}: a comparison sets the budgets itself; leave out | budget(…) and | rebudget(…).");
    }

    /// <summary>The training run with this contestant.</summary>
    /// <exception cref="InvalidOptionException">The schedule does not fit into so few updates.</exception>
    internal TrainingCell Cell(Schedule schedule, long updates, double baseRate, ulong seed) => new(schedule.Bind(updates), baseRate, seed)
    {
        Plateau = Kind == ContestantKind.Plateau ? new PlateauOptions() : null,
        ScheduleFree = Kind == ContestantKind.ScheduleFree ? new ScheduleFreeOptions() : null,
    };
}
