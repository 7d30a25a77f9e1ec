namespace Rubato.Hosting.Catalog;

/// <summary>A model that a server may serve.</summary>
/// <param name="Path">The GGUF file.</param>
/// <param name="Name">The name that clients use; null takes the file's name without its extension.</param>
public sealed record ModelSource(string Path, string? Name = null)
{
    /// <summary>The name that clients use.</summary>
    internal string EffectiveName => Name ?? System.IO.Path.GetFileNameWithoutExtension(Path);
}
