using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Serving;

namespace Rubato.Hosting.Configuration;

/// <summary>What to serve, and how.</summary>
public sealed class ServingOptions
{
    /// <summary>The GGUF file of the model.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>The name that clients use; null takes the file's name without its extension.</summary>
    public string? ModelName { get; set; }

    /// <summary>
    /// How embeddings are made of hidden states; null does as the file says (<c>pooling_type</c>), and takes the last token's state where it says
    /// nothing, as models that generate text do.
    /// </summary>
    public EmbeddingPooling? Pooling { get; set; }

    /// <summary>
    /// Sizes and limits of the scheduler. <see cref="SchedulerOptions.ContextTokens"/> is lowered to the model's own context length.
    /// </summary>
    public SchedulerOptions Scheduler { get; } = new();

    /// <summary>Limits of the engine loop.</summary>
    public EngineOptions Engine { get; } = new();

    /// <summary>Keys, allow-lists and limits of the HTTP server.</summary>
    public ServingHttpOptions Http { get; } = new();

    /// <summary>A file that receives every input and plan of the scheduler, for replay; null records nothing.</summary>
    public string? RecordPath { get; set; }

    /// <summary>Threads of the executor; 0 takes <see cref="Kernels.Threading.AvailableProcessors.Threads"/>, which respects the container's CPU quota. Range 0…1,024; default 0.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, 1024)]
    public int Threads { get; set; }
}
