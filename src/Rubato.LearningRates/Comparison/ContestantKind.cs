namespace Rubato.LearningRates.Comparison;

/// <summary>How a contestant of a comparison comes to its rates.</summary>
public enum ContestantKind
{
    /// <summary>A schedule: a function of progress.</summary>
    Scheduled,

    /// <summary>A schedule made from the gradient norms of the linear run, for each task and budget.</summary>
    Refined,

    /// <summary>Decay on plateau: cuts that follow the loss.</summary>
    Plateau,

    /// <summary>The schedule-free method.</summary>
    ScheduleFree,
}
