namespace Rubato.Simulation.Serving.Studies;

/// <summary>By which rules a study runs.</summary>
public enum StudyRules
{
    /// <summary>As the engine serves: chunks of prompts beside decodes where the policy has them, real runs of blocks, only the victims that are needed.</summary>
    Engine,

    /// <summary>
    /// As a published prototype simulated: batches of prompts or decodes, everybody who is not selected is moved out, an assumed length of runs
    /// (1 or 20 blocks), copies in after copies out.
    /// </summary>
    Prototype,
}
