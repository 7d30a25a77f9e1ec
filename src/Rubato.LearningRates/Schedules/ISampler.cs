namespace Rubato.LearningRates.Schedules;

/// <summary>How often a rate is read from its profile; between the sample points it is held.</summary>
/// <remarks>Source of the idea: Chen, Wolfe and Kyrillidis, "REX", MLSys 2022: a schedule is a profile and a sampling rate.</remarks>
public interface ISampler
{
    /// <summary>The last sample point at or before <paramref name="progress"/>.</summary>
    /// <param name="progress">0 … 1.</param>
    double Hold(double progress);
}
