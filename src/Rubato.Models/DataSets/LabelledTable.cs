using Rubato.Core;

namespace Rubato.Models.DataSets;

/// <summary>Examples with numeric features and a class each, as read from a data set.</summary>
/// <param name="Name">Name of the data set.</param>
/// <param name="Features">Row-major [examples, width], finite.</param>
/// <param name="Width">Features an example.</param>
/// <param name="Labels">One class an example, 0 … classes − 1.</param>
/// <param name="Classes">Number of classes; each occurs.</param>
public sealed record LabelledTable(string Name, double[] Features, int Width, int[] Labels, int Classes)
{
    /// <summary>Takes one column for the class and all others for features; classes that do not occur are left out.</summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="columns">Columns of equal length.</param>
    /// <param name="label">Name of the column with the class.</param>
    /// <exception cref="InvalidFormatException">There is no such column, or a value is missing.</exception>
    internal static LabelledTable From(string name, IReadOnlyList<DataColumn> columns, string label)
    {
        var target = columns.FirstOrDefault(column => column.Name == label)
            ?? throw new InvalidFormatException($"{name}: has no column '{label}', only {string.Join(", ", columns.Take(8).Select(column => column.Name))}.");
        var inputs = columns.Where(column => column != target).ToArray();
        if (inputs.Length == 0 || target.Values.Length == 0)
        {
            throw new InvalidFormatException($"{name}: has no features or no rows.");
        }

        var features = new double[target.Values.Length * inputs.Length];
        for (var column = 0; column < inputs.Length; column++)
        {
            for (var row = 0; row < target.Values.Length; row++)
            {
                features[row * inputs.Length + column] = Present(inputs[column].Values[row], name, inputs[column].Name, row);
            }
        }

        double[] classes = [.. target.Values.Select((value, row) => Present(value, name, label, row)).Distinct().Order()];
        int[] labels = [.. target.Values.Select(value => Array.BinarySearch(classes, value))];
        return new(name, features, inputs.Length, labels, classes.Length);
    }

    private static double Present(double value, string name, string column, int row) => double.IsFinite(value) ? value
        : throw new InvalidFormatException($"{name}: column {column}, row {row + 1} is missing or not finite.");
}
