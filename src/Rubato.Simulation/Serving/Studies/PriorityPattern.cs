namespace Rubato.Simulation.Serving.Studies;

/// <summary>How the priorities of conversations are laid down beforehand.</summary>
public enum PriorityPattern
{
    /// <summary>They are not: a policy decides from what happens.</summary>
    None,

    /// <summary>Drawn anew at every update.</summary>
    Random,

    /// <summary>Kept with probability 0.8 at every update: who was served lately is likelier to be served again.</summary>
    Markov,
}
