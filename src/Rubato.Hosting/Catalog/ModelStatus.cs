namespace Rubato.Hosting.Catalog;

/// <summary>Where in its life a model of the catalog is. The names are those of the listing, in lower case.</summary>
internal enum ModelStatus
{
    Unloaded,
    Loading,
    Loaded,
    Unloading,

    /// <summary>The file cannot be used; the listing says why.</summary>
    Failed,
}
