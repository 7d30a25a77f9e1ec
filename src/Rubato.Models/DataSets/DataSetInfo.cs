namespace Rubato.Models.DataSets;

/// <summary>A data set that <c>rubato lr data get</c> can fetch.</summary>
/// <param name="Name">Its name here.</param>
/// <param name="Package">The package that holds it.</param>
/// <param name="Files">Names of its files in the package's folder.</param>
/// <param name="Contents">What it holds, in words.</param>
public sealed record DataSetInfo(string Name, DataPackage Package, IReadOnlyList<string> Files, string Contents)
{
    /// <summary>How the table is stored: the variable and the label column of a data frame, or null for comma-separated values and images.</summary>
    internal (string Variable, string Label)? Frame { get; init; }

    /// <summary>Whether the comma-separated values have a head line.</summary>
    internal bool HasHead { get; init; }

    /// <summary>Whether it is a table of features with a class each (else images).</summary>
    public bool IsTable => Files.Count == 1;
}
