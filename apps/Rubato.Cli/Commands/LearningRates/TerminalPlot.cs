using System.Globalization;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary>A curve in the terminal, drawn with braille dots: 2 × 4 of them in every character.</summary>
internal static class TerminalPlot
{
    private const int Columns = 64;
    private const int Rows = 14;
    private const int DotsAcross = 2 * Columns;
    private const int DotsDown = 4 * Rows;

    // The bit of the dot in column x and row y of a character; the code page counts dots 1, 2, 3, 7 down the left side.
    private static readonly int[,] Bits = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } };

    /// <summary>Draws <paramref name="values"/> from 0 (or the lowest) to the highest.</summary>
    public static void Write(TextWriter output, IReadOnlyList<double> values)
    {
        var high = values.Max();
        var low = Math.Min(0, values.Min());
        var cells = new int[Rows, Columns];
        int? previous = null;
        for (var x = 0; x < DotsAcross; x++)
        {
            var value = values[(int)((long)x * (values.Count - 1) / (DotsAcross - 1))];
            var y = high > low ? (int)Math.Round((high - value) / (high - low) * (DotsDown - 1)) : DotsDown - 1;

            // A jump is drawn as a vertical line.
            for (var dot = Math.Min(y, previous ?? y); dot <= Math.Max(y, previous ?? y); dot++)
            {
                cells[dot / 4, x / 2] |= Bits[x % 2, dot % 4];
            }

            previous = y;
        }

        for (var row = 0; row < Rows; row++)
        {
            var label = row == 0 ? high : row == Rows - 1 ? low : row == Rows / 2 ? high - (high - low) * row / (Rows - 1) : (double?)null;
            var line = string.Concat(Enumerable.Range(0, Columns).Select(column => (char)(0x2800 + cells[row, column])));
            output.WriteLine($"{label?.ToString("G3", CultureInfo.InvariantCulture),9} {line}");
        }
    }
}
