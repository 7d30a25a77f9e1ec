using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Refinement;

namespace Rubato.LearningRates.Notation;

/// <summary>Profiles whose arguments are more than numbers and profiles.</summary>
internal static class CompoundProfiles
{
    public static PhasesProfile Phases(this ArgumentReader reader)
    {
        var phases = reader.Calls("phase").Select(call => Phase(reader.For(call))).ToArray();
        return phases.Length > 0 ? new(new(phases)) : throw reader.Fail(reader.Call, "phases: expected phase(share, profile), such as phase(50%, uba).");
    }

    public static IProfile Refined(this ArgumentReader reader)
    {
        var file = reader.RequiredText("file");
        var options = new RefinementOptions
        {
            Optimizer = reader.Word("optimizer", RefinementOptions.Optimizers, reader.RefinedFor),
            Smoothing = reader.Number("smoothing", RefinementOptions.DefaultSmoothing),
        };
        return ScheduleRefiner.Refine(reader.OpenNorms(file), options).Profile;
    }

    private static Phase Phase(ArgumentReader reader)
    {
        var share = reader.RequiredNumber("share");
        var (profile, index) = reader.Profile("the shape of the phase");
        var phase = new Phase(share, profile, reader.Number("max", 1), reader.Number("min", 0), index);
        reader.Done();
        return phase;
    }
}
