using System.Text;
using Rubato.Core;
using Rubato.Models.Files;
using ScottPlot;
using SkiaSharp;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary>Curves over the progress of a budget as a PNG or SVG file.</summary>
internal static class CurvePicture
{
    private const int Width = 1000;
    private const int Height = 600;
    private const int MostPoints = 2000;
    private const string Font = "DejaVu Sans";

    /// <summary>Draws <paramref name="curves"/> into <paramref name="path"/>; its extension says the format.</summary>
    /// <exception cref="InvalidOptionException">The extension is neither .png nor .svg.</exception>
    public static void Save(string path, IReadOnlyList<Curve> curves)
    {
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is not (".png" or ".svg"))
        {
            throw new InvalidOptionException($"--out {path}: must end with .png or .svg.");
        }

        if (SKFontManager.Default.FontFamilyCount == 0)
        {
            Console.Error.WriteLine("rubato: this system has no fonts, so the picture has no text; install one, such as the package fonts-dejavu-core.");
        }

        using var plot = Draw(curves);
        var bytes = extension == ".png" ? plot.GetImageBytes(Width, Height, ImageFormat.Png) : Encoding.UTF8.GetBytes(plot.GetSvgXml(Width, Height));
        AtomicFile.Write(path, stream => stream.Write(bytes));
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

        plot.Font.Set(Font);
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
