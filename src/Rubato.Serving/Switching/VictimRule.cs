namespace Rubato.Serving.Switching;

/// <summary>Which of the sequences that were not selected leave the device.</summary>
public enum VictimRule
{
    /// <summary>Only as many as the selected ones need room, the least deserving first.</summary>
    OnlyNeeded,

    /// <summary>All of them.</summary>
    AllUnselected,
}
