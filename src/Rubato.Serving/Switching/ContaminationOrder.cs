namespace Rubato.Serving.Switching;

/// <summary>Whose redundant swap copies are given up first when the swap arena is full.</summary>
public enum ContaminationOrder
{
    /// <summary>Those of the most deserving: they will be the last to be swapped out again.</summary>
    HighestPriorityFirst,

    /// <summary>Those of the least deserving; for comparison.</summary>
    LowestPriorityFirst,
}
