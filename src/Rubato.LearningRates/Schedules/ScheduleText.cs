using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>Reads the short text form of schedules: a profile, then optional stages after bars, as in <c>rex(beta=0.5) | warmup(2%)</c>.</summary>
public static class ScheduleText
{
    private const string Forms = "write constant, rex or rex(beta=0.5), each optionally followed by | warmup(2%)";

    /// <summary>The schedule that <paramref name="text"/> describes; <c>Parse(schedule.ToString())</c> equals the schedule.</summary>
    /// <exception cref="InvalidOptionException">The text is not a schedule; the message names the place and the forms.</exception>
    public static ISchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ISchedule? schedule = null;
        var position = 1;
        foreach (var part in text.Split('|'))
        {
            var stage = part.Trim();
            var at = position + (part.Length - part.TrimStart().Length);
            schedule = schedule is null ? Profile(text, stage, at) : Stage(text, stage, at, schedule);
            position += part.Length + 1;
        }

        return schedule!;
    }

    private static ISchedule Profile(string text, string stage, int at)
    {
        var (name, argument) = Call(text, stage, at);
        return (name, argument) switch
        {
            ("constant", null) => new ConstantSchedule(),
            ("rex", null) => new RexSchedule(),
            ("rex", _) when argument.StartsWith("beta=", StringComparison.Ordinal) => new RexSchedule(Number(text, argument[5..], at)),
            _ => throw Unreadable(text, stage, at),
        };
    }

    private static WarmupSchedule Stage(string text, string stage, int at, ISchedule before)
    {
        var (name, argument) = Call(text, stage, at);
        return (name, argument) switch
        {
            ("warmup", not null) => new WarmupSchedule(Share(text, argument, at), before),
            _ => throw Unreadable(text, stage, at),
        };
    }

    private static (string Name, string? Argument) Call(string text, string stage, int at)
    {
        var open = stage.IndexOf('(');
        return open < 0 ? (stage, null)
            : stage.EndsWith(')') ? (stage[..open].TrimEnd(), stage[(open + 1)..^1].Replace(" ", "", StringComparison.Ordinal))
            : throw Unreadable(text, stage, at);
    }

    private static double Share(string text, string argument, int at) =>
        argument.EndsWith('%') ? Number(text, argument[..^1], at) / 100 : Number(text, argument, at);

    private static double Number(string text, string digits, int at) =>
        double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw Unreadable(text, digits, at);

    private static InvalidOptionException Unreadable(string text, string part, int at) =>
        new($"schedule '{text}': cannot read '{part}' at position {at}; {Forms}.");
}
