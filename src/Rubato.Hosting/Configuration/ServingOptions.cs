using Rubato.Hosting.Catalog;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.Transfers;
using Rubato.Kernels.Attention;
using Rubato.Serving;

namespace Rubato.Hosting.Configuration;

/// <summary>What to serve, and how.</summary>
public sealed class ServingOptions
{
    /// <summary>Options with their defaults.</summary>
    public ServingOptions()
    {
    }

    private ServingOptions(ServingOptions shared)
    {
        (Scheduler, Engine, Http) = (shared.Scheduler, shared.Engine, shared.Http);
        (Threads, Pooling, KvMemoryBytes, KeyValues, RecordPath) = (shared.Threads, shared.Pooling, shared.KvMemoryBytes, shared.KeyValues, shared.RecordPath);
        (Swap, VerifiesSwap) = (shared.Swap, shared.VerifiesSwap);
        (Swap, VerifiesSwap) = (shared.Swap, shared.VerifiesSwap);
    }

    /// <summary>The GGUF file of the model; with several, of the first one. May be empty when <see cref="ModelFolders"/> are given.</summary>
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

    /// <summary>Memory for the keys and values of each loaded model, in bytes; null takes <see cref="SchedulerOptions.KvBlocks"/> blocks.</summary>
    public long? KvMemoryBytes { get; set; }

    /// <summary>How keys and values are kept: F16 takes half the memory of F32, Q8_0 a quarter, so that as many bytes hold more of them.</summary>
    public KvFormat KeyValues { get; set; } = KvFormat.F32;

    /// <summary>Where the keys and values of preempted requests go; with none they are computed again. Each loaded model has one of its own.</summary>
    public SwapTierOptions Swap { get; set; } = SwapTierOptions.None;

    /// <summary>Whether every block gets a checksum when it is swapped out, which is compared when it comes back; a block that differs is computed again.</summary>
    public bool VerifiesSwap { get; set; }

    /// <summary>Models that are loaded beside the first one. Each has an engine, threads, keys and values of its own.</summary>
    public IList<ModelSource> MoreModels { get; } = [];

    /// <summary>Folders whose GGUF files clients can list, and load by name.</summary>
    public IList<string> ModelFolders { get; } = [];

    /// <summary>Loads a model that was found in a folder when the first request asks for it, without POST /models/load.</summary>
    public bool LoadsOnDemand { get; set; }

    /// <summary>
    /// Most memory that all loaded models take together (files, keys and values), in bytes; a load beyond it is refused. Null takes what the
    /// machine or container has.
    /// </summary>
    public long? MemoryBytesMax { get; set; }


    /// <summary>Limits of the engine loop.</summary>
    public EngineOptions Engine { get; } = new();

    /// <summary>Keys, allow-lists and limits of the HTTP server.</summary>
    public ServingHttpOptions Http { get; } = new();

    /// <summary>A file that receives every input and plan of the scheduler, for replay; null records nothing.</summary>
    public string? RecordPath { get; set; }

    /// <summary>Threads of the executor; 0 takes <see cref="Kernels.Threading.AvailableProcessors.Threads"/>, which respects the container's CPU quota. Range 0…1,024; default 0.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>All models that are named, the first one first.</summary>
    internal IReadOnlyList<ModelSource> Sources => ModelPath.Length > 0 ? [new(ModelPath, ModelName), .. MoreModels] : [.. MoreModels];

    /// <summary>The options of one model among these.</summary>
    internal ServingOptions For(string name, string path) => new(this) { ModelPath = path, ModelName = name };
}
