using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>A schedule as the terms that its text and JSON forms are made of.</summary>
internal static class ScheduleTerms
{
    public static IEnumerable<CallTerm> Describe(Schedule schedule)
    {
        yield return ProfileTerms.Describe(schedule.Profile, schedule.Index);
        if (schedule.Warmup is { } warmup)
        {
            var call = new CallTerm("warmup").WithPart("length", warmup.Length).With("shape", Words.Of(warmup.Shape), "linear");
            call = warmup.Start is { } start ? call.With("start", start) : call;
            yield return call.With("mode", warmup.Overlay ? "overlay" : "prefix", "prefix");
        }

        if (schedule.Floor is { } floor)
        {
            yield return new CallTerm("floor").WithShare("level", floor.Level).With("mode", floor.Clamp ? "clamp" : "affine", "affine");
        }

        if (schedule.Sampler is { } sampler)
        {
            yield return Sample(sampler);
        }

        if (schedule.Momentum is { } momentum)
        {
            yield return Channel("momentum", momentum);
        }

        if (schedule.WeightDecay is { } decay)
        {
            yield return Channel("weight-decay", decay);
        }

        if (schedule.Budget is { } budget)
        {
            yield return new CallTerm("budget").With(null, new TermReader(budget.ToString()).Whole());
        }

        foreach (var change in schedule.Rebudgets)
        {
            yield return new CallTerm("rebudget").With(null, new NumbersTerm([change.Step, change.Total], NumbersStyle.Colon));
        }
    }

    private static CallTerm Sample(ISampler sampler) => sampler switch
    {
        MilestoneSampler milestones => new CallTerm("sample").WithMilestones("points", milestones.Milestones),
        RegularSampler { Percent: { } percent } => new CallTerm("sample").With(null, new NumberTerm(percent, "%")),
        RegularSampler { Epochs: { } epochs } => new CallTerm("sample").With("epochs", epochs),
        _ => throw new InvalidOptionException($"{sampler.GetType().Name}: a sampler of your own has no text or JSON form; build the schedule in code."),
    };

    private static CallTerm Channel(string name, ChannelCurve curve) =>
        new CallTerm(name).With(null, ProfileTerms.Describe(curve.Profile, curve.Index)).With("max", curve.Max).With("min", curve.Min);
}
