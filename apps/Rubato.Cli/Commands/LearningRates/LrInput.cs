using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Schedules;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary>What several of the verbs read: schedules, budgets, files of gradient norms.</summary>
internal static class LrInput
{
    private const string ScheduleHelp = "A schedule in text form, such as \"rex(beta=0.5) | warmup(5%)\", or file:PATH with its JSON form or a table. 'rubato lr list' names the profiles.";

    public static Argument<string> Schedule() => new("SCHEDULE") { Description = ScheduleHelp };

    public static Argument<string[]> Schedules() => new("SCHEDULE") { Description = ScheduleHelp, Arity = ArgumentArity.OneOrMore };

    public static Option<long?> Steps(string description = "Updates in the budget; not needed when the schedule says | budget(N steps).") =>
        new("--steps") { Description = description, HelpName = "N" };

    public static Option<string?> Norms(string description) => new("--norms") { Description = description, HelpName = "FILE" };

    /// <summary>The schedule that <paramref name="text"/> writes out, or that the file it names holds.</summary>
    public static Schedule Parse(string text) => ScheduleInput.Parse(text);

    /// <summary>The schedule over the budget of the command line, or else over its own.</summary>
    public static StepSchedule Bind(Schedule schedule, long? steps) =>
        steps is { } number ? schedule.Bind(number)
        : schedule.Budget is not null ? schedule.Bind()
        : throw new InvalidOptionException("--steps N is missing: how many updates has the budget?");

    /// <summary>The norms of a file in the binary or one of the text forms.</summary>
    public static GradientNormSequence ReadNorms(string path) => ScheduleInput.ReadNorms(path);
}
