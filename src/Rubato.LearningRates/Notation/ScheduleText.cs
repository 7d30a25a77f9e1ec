using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>The text form of schedules: a profile, then stages after bars, as in <c>rex(beta=0.5) | warmup(5%) | floor(0.01) | sample(50-75)</c>.</summary>
/// <remarks>
/// The order of stages does not matter; their meaning is always floor(warm-up(profile(sampled progress))). Arguments have names
/// (<c>beta=0.9</c>) or stand in order (<c>rex(0.9)</c>). Numbers keep all their bits through text and back.
/// </remarks>
public static class ScheduleText
{
    /// <summary>The schedule that <paramref name="text"/> describes.</summary>
    /// <param name="text">The text form.</param>
    /// <param name="openNorms">Reads the norms that <c>refined(FILE)</c> names; without it that profile is refused.</param>
    /// <param name="refinedFor">The optimizer whose weights <c>refined(FILE)</c> takes when it does not say so.</param>
    /// <exception cref="InvalidOptionException">The text is not a schedule; the message names the position, what was expected and the nearest name.</exception>
    public static Schedule Parse(string text, Func<string, GradientNormSequence>? openNorms = null, OptimizerKind refinedFor = OptimizerKind.Sgd)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ScheduleBinder($"schedule '{TermText.Shorten(text)}'", openNorms, refinedFor).Bind(new TermReader(text).Pipeline());
    }

    /// <summary>The shortest text that <see cref="Parse"/> reads back as an equal schedule.</summary>
    /// <exception cref="InvalidOptionException">The schedule holds a profile or sampler that the text form does not know.</exception>
    public static string Format(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return string.Join(" | ", ScheduleTerms.Describe(schedule).Select(TermText.Format));
    }
}
