namespace Rubato.LearningRates.Profiles;

/// <summary>The shape of a cool-down over its local progress v.</summary>
public enum Cooldown
{
    /// <summary>1 − v.</summary>
    Linear,

    /// <summary>½ (1 + cos πv).</summary>
    Cosine,

    /// <summary>1 − √v.</summary>
    SquareRoot,

    /// <summary>1 − v².</summary>
    Square,
}
