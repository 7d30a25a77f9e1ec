namespace Rubato.LearningRates.Reproduction;

/// <summary>What our results say about a claim.</summary>
public enum Verdict
{
    /// <summary>Our results show the same.</summary>
    Reproduces,

    /// <summary>Our results show the same in some of the groups that the claim is about, and not in others.</summary>
    InPart,

    /// <summary>Our results show something else.</summary>
    DoesNotReproduce,

    /// <summary>It takes workloads or data that are not to be had here, or runs that were not made.</summary>
    CannotBeTested,
}
