namespace Rubato.Inference.Packing;

/// <summary>What a model does with its quantised weights when it is opened.</summary>
public sealed record PackingOptions
{
    /// <summary>
    /// Weights stay as the file has them and are decoded to float32 as they are used: the exact products of the decoded weights, several
    /// times as slow.
    /// </summary>
    public static PackingOptions None { get; } = new() { Packs = false };

    /// <summary>Packs, and keeps what takes long in the user's cache.</summary>
    public static PackingOptions Default { get; } = new();

    /// <summary>Whether quantised matrices are packed for the kernels (<see cref="Kernels.Panels.PackedWeights"/>).</summary>
    public bool Packs { get; init; } = true;

    /// <summary>
    /// Folder of packed files, which all processes on the machine share; null: <c>$XDG_CACHE_HOME/rubato/weights</c> or
    /// <c>~/.cache/rubato/weights</c>. See <see cref="PackedWeightsCache"/>.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>Models with fewer bytes of packed weights are packed in memory each time they are opened; default 32 MiB.</summary>
    public long CacheBytesMin { get; init; } = 32 << 20;

    /// <summary>Threads that pack and check; null: as many as the process may use (<see cref="Kernels.Threading.AvailableProcessors"/>).</summary>
    public int? Threads { get; init; }

    /// <summary>Gets a line for the user: that packing takes its time now, or why nothing could be kept.</summary>
    public Action<string>? Notice { get; init; }
}
