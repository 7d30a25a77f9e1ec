using Rubato.Core;
using Rubato.Hosting.Configuration;
using Rubato.Hosting.OpenAi;
using Rubato.Models;
using Rubato.Models.Gguf;

namespace Rubato.Hosting.Catalog;

/// <summary>One model of the catalog. Whoever reads or writes its state holds the catalog's lock.</summary>
internal sealed class CatalogModel(string name, string path)
{
    private (long Bytes, long Written) _checked;
    private string? _fault;

    public string Name => name;

    public string Path => path;

    public ModelStatus Status { get; set; }

    /// <summary>Why the last load failed.</summary>
    public string? LoadError { get; set; }

    /// <summary>The load that is running, or has ended well.</summary>
    public Task<ModelService>? Loading { get; set; }

    /// <summary>Ready to answer; null unless loaded.</summary>
    public ModelService? Service { get; set; }

    /// <summary>What <see cref="Service"/> runs on.</summary>
    public LoadedModel? Model { get; set; }

    /// <summary>Memory that it takes, or will take when its load has ended.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>The model as the list shows it. The file's header is read once, and again when the file changes.</summary>
    public ModelListing List()
    {
        var file = new FileInfo(path);
        var written = file.Exists ? new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds() : 0;
        if (Status == ModelStatus.Unloaded)
        {
            _fault = LoadError ?? (file.Exists && _checked == (file.Length, written) ? _fault : FindFault());
            _checked = file.Exists ? (file.Length, written) : default;
        }

        var isBroken = Status == ModelStatus.Unloaded && _fault is not null;
        return new ModelListing(name, isBroken ? ModelStatus.Failed : Status, written)
        {
            Error = isBroken ? _fault : null,
            ContextTokens = Service?.Engine.Limits.SequenceTokensMax,
            Bytes = file.Exists ? file.Length : null,
        };
    }

    private string? FindFault()
    {
        try
        {
            using var gguf = GgufFile.Open(path);
            _ = ModelConfiguration.FromGguf(gguf);
            return null;
        }
        catch (RubatoException error)
        {
            return ErrorTexts.WithoutPaths(error, path);
        }
    }
}
