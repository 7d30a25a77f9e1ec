namespace Rubato.LearningRates.Schedules;

/// <summary>How the rate rises during a warm-up.</summary>
public enum WarmupShape
{
    /// <summary>In proportion to the updates done.</summary>
    Linear,

    /// <summary>With their square: slow at first.</summary>
    Quadratic,

    /// <summary>Along half a cosine wave: slow at both ends.</summary>
    Cosine,

    /// <summary>By the same factor with every update.</summary>
    Exponential,
}
