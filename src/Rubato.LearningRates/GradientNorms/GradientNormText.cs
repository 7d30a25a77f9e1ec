using System.Globalization;
using Rubato.Core;
using Rubato.LearningRates.Notation;

namespace Rubato.LearningRates.GradientNorms;

/// <summary>Gradient norms as text: one norm a line, or comma-separated columns under a head line with <c>step</c>, <c>l1</c>, <c>l2</c>.</summary>
/// <remarks>Empty lines and lines that begin with # are passed over. One norm a line stands for both norms. A column that is missing is taken from the other.</remarks>
public static class GradientNormText
{
    /// <summary>Reads norms.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidFormatException">A line is not what the first one promises, or a norm is negative; the message names file and line.</exception>
    public static GradientNormSequence Read(TextReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (l1, l2) = (new List<double>(), new List<double>());
        Columns? columns = null;
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            var content = line.AsSpan().Trim();
            content = content.StartsWith("\uFEFF", StringComparison.Ordinal) ? content[1..] : content;
            if (content.IsEmpty || content[0] == '#')
            {
                continue;
            }

            if (columns is null)
            {
                columns = Columns.Of(content, name, number);
                if (columns.IsHead)
                {
                    continue;
                }
            }

            columns.Read(content, name, number, l1, l2);
        }

        return new([.. l1], [.. l2]);
    }

    /// <summary>Writes the columns step, l1, l2 with a head line; every number brings back the same bits.</summary>
    public static void Write(TextWriter writer, GradientNormSequence norms)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(norms);
        writer.Write("step,l1,l2\n");
        for (var i = 0; i < norms.Count; i++)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{i},{norms.L1[i]:R},{norms.L2[i]:R}\n"));
        }
    }

    /// <summary>Which column holds which norm.</summary>
    private sealed record Columns(int Count, int? L1, int? L2, bool IsHead)
    {
        public static Columns Of(ReadOnlySpan<char> first, string name, int number)
        {
            var cells = first.ToString().Split(',', StringSplitOptions.TrimEntries);
            if (double.TryParse(cells[0], NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                return cells.Length switch
                {
                    1 => new(1, 0, 0, IsHead: false),
                    3 => new(3, 1, 2, IsHead: false),
                    _ => throw new InvalidFormatException($"{name}:{number}: has {cells.Length} columns without a head line; write one norm a line, or step,l1,l2."),
                };
            }

            var names = Array.ConvertAll(cells, cell => cell.Trim('"').ToLowerInvariant());
            var (l1, l2) = (Array.IndexOf(names, "l1"), Array.IndexOf(names, "l2"));
            var any = Array.FindIndex(names, cell => cell is "norm" or "g" or "gradient_norm");
            l1 = l1 >= 0 ? l1 : l2 >= 0 ? l2 : any;
            l2 = l2 >= 0 ? l2 : l1;
            return l1 >= 0 ? new(cells.Length, l1, l2, IsHead: true)
                : throw new InvalidFormatException($"{name}:{number}: found '{TermText.Shorten(first.ToString())}', expected a norm, or a head line with l1, l2 or norm.");
        }

        public void Read(ReadOnlySpan<char> line, string name, int number, List<double> l1, List<double> l2)
        {
            var column = 0;
            double first = double.NaN, second = double.NaN;
            foreach (var range in line.Split(','))
            {
                if (column == L1 || column == L2)
                {
                    var norm = Norm(line[range].Trim(), name, number);
                    (first, second) = (column == L1 ? norm : first, column == L2 ? norm : second);
                }

                column++;
            }

            if (column != Count)
            {
                throw new InvalidFormatException($"{name}:{number}: has {column} columns, expected {Count}.");
            }

            l1.Add(first);
            l2.Add(second);
        }

        private static double Norm(ReadOnlySpan<char> cell, string name, int number)
        {
            var read = double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var norm) || IsNotFinite(cell, out norm);
            return !read ? throw new InvalidFormatException($"{name}:{number}: found '{TermText.Shorten(cell.ToString())}', expected a norm.")
                : norm < 0 ? throw new InvalidFormatException(string.Create(CultureInfo.InvariantCulture, $"{name}:{number}: the norm {norm} is negative."))
                : norm;
        }

        /// <summary>Other programs write nan and inf for a step that overflowed.</summary>
        private static bool IsNotFinite(ReadOnlySpan<char> cell, out double norm)
        {
            norm = cell.Equals("inf", StringComparison.OrdinalIgnoreCase) ? double.PositiveInfinity : double.NaN;
            return cell.Equals("nan", StringComparison.OrdinalIgnoreCase) || double.IsPositiveInfinity(norm);
        }
    }
}
