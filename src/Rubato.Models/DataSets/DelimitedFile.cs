using System.Globalization;
using Rubato.Core;

namespace Rubato.Models.DataSets;

/// <summary>Tables of comma-separated numbers as scikit-learn ships them: the class stands in the last column.</summary>
internal static class DelimitedFile
{
    /// <summary>Name of the last column.</summary>
    public const string Label = "class";

    /// <summary>Reads a table.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="hasHead">Whether the first line says how many rows and features follow, and the names of the classes.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidFormatException">A line is not what the first one promises; the message names file and line.</exception>
    public static IReadOnlyList<DataColumn> Read(string text, bool hasHead, string name)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        var count = lines.Length;
        while (count > 0 && lines[count - 1].Length == 0)
        {
            count--;
        }

        var first = hasHead ? 1 : 0;
        if (count <= first)
        {
            throw new InvalidFormatException($"{name}: has no rows.");
        }

        var columns = new List<double>[lines[first].Split(',').Length];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = [];
        }

        for (var number = first; number < count; number++)
        {
            Row(lines[number].Split(','), columns, name, number + 1);
        }

        if (hasHead)
        {
            CheckHead(lines[0].Split(','), count - 1, columns.Length - 1, name);
        }

        return [.. columns.Select((values, i) => new DataColumn(i == columns.Length - 1 ? Label : $"x{i + 1}", [.. values]))];
    }

    private static void Row(string[] cells, List<double>[] columns, string name, int number)
    {
        if (cells.Length != columns.Length)
        {
            throw new InvalidFormatException($"{name}:{number}: has {cells.Length} columns, but the first row has {columns.Length}.");
        }

        for (var i = 0; i < cells.Length; i++)
        {
            columns[i].Add(double.TryParse(cells[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
                ? value
                : throw new InvalidFormatException($"{name}:{number}: column {i + 1} is not a finite number."));
        }
    }

    private static void CheckHead(string[] head, int rows, int features, string name)
    {
        if (head.Length < 2 || head[0] != rows.ToString(CultureInfo.InvariantCulture) || head[1] != features.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidFormatException($"{name}:1: does not announce the {rows} rows and {features} features that follow.");
        }
    }
}
