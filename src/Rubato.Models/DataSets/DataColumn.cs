namespace Rubato.Models.DataSets;

/// <summary>A column of numbers or of named classes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">One number a row; NaN where it is missing. For classes the 0-based index into <paramref name="Levels"/>.</param>
/// <param name="Levels">The names of the classes; null for numbers.</param>
public sealed record DataColumn(string Name, double[] Values, IReadOnlyList<string>? Levels = null);
