using Rubato.Core;
using ScottPlot;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary>Curves over the progress of a budget as a PNG or SVG file.</summary>
internal static class CurvePicture
{
    private const int MostPoints = 2000;

    /// <summary>Draws <paramref name="curves"/> into <paramref name="path"/>; its extension says the format.</summary>
    /// <exception cref="InvalidOptionException">The extension is neither .png nor .svg.</exception>
    public static void Save(string path, IReadOnlyList<Curve> curves)
    {
        PictureFile.RequireFormat(path);
        PictureFile.WarnWithoutFonts();
        using var plot = Draw(curves);
        PictureFile.Save(path, plot);
    }

    private static Plot Draw(IReadOnlyList<Curve> curves)
    {
        var plot = new Plot();
        foreach (var curve in curves)
        {
            var (x, y) = Points(curve.Values);
            var line = plot.Add.ScatterLine(x, y);
            line.LineWidth = 2;
            line.LegendText = curve.Name;
        }

        plot.XLabel("spent share of the budget");
        plot.YLabel("factor on the peak rate");
        plot.Axes.SetLimits(0, 1, 0, 1.05 * Math.Max(1e-12, curves.Max(curve => curve.Values.Max())));
        _ = plot.ShowLegend(Edge.Right);
        return plot;
    }

    /// <summary>At most <see cref="MostPoints"/> of the values.</summary>
    private static (double[] X, double[] Y) Points(double[] values)
    {
        var count = Math.Min(values.Length, MostPoints);
        var (x, y) = (new List<double>(), new List<double>());
        for (var i = 0; i < count; i++)
        {
            var at = (int)((long)i * values.Length / count);
            x.Add((double)at / values.Length);
            y.Add(values[at]);
        }

        x.Add(1);
        y.Add(values[^1]);
        return ([.. x], [.. y]);
    }

    /// <summary>A named curve, one value an update.</summary>
    internal sealed record Curve(string Name, double[] Values);
}
