using System.ComponentModel.DataAnnotations;

namespace Rubato.Hosting.Engine;

/// <summary>Settings of the engine loop that are not the scheduler's.</summary>
public sealed class EngineOptions
{
    /// <summary>Most sequences (choices times prompts) of one submission. Range 1…1024; default 128.</summary>
    [Range(1, 1024)]
    public int SequencesPerSubmissionMax { get; set; } = 128;

    /// <summary>How long a stopping engine lets running generations go on before it cancels them, in seconds. Range 0…3600; default 10.</summary>
    [Range(0.0, 3600.0)]
    public double DrainSeconds { get; set; } = 10;
}
