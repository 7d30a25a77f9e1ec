namespace Rubato.Hosting.Catalog;

/// <summary>A model as the list of models shows it.</summary>
/// <param name="Name">The name that clients use.</param>
/// <param name="Status">Where it is.</param>
/// <param name="CreatedUnixSeconds">When the file was last written.</param>
internal sealed record ModelListing(string Name, ModelStatus Status, long CreatedUnixSeconds)
{
    /// <summary>Why it cannot be used, when it cannot.</summary>
    public string? Error { get; init; }

    /// <summary>Longest sequence, when it is loaded.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>Bytes of the file, when there is one.</summary>
    public long? Bytes { get; init; }
}
