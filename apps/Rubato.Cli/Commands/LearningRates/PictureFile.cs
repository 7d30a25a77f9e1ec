using System.Text;
using Rubato.Core;
using Rubato.Models.Files;
using ScottPlot;
using SkiaSharp;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary>Writes plots as PNG or SVG files.</summary>
internal static class PictureFile
{
    private const int Width = 1000;
    private const int Height = 600;
    private const string Font = "DejaVu Sans";

    /// <summary>Throws unless the extension says a format.</summary>
    /// <exception cref="InvalidOptionException">The extension is neither .png nor .svg.</exception>
    public static void RequireFormat(string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".png" or ".svg"))
        {
            throw new InvalidOptionException($"--out {path}: must end with .png or .svg.");
        }
    }

    /// <summary>Says so once where the system has no fonts.</summary>
    public static void WarnWithoutFonts()
    {
        if (SKFontManager.Default.FontFamilyCount == 0)
        {
            Console.Error.WriteLine("rubato: this system has no fonts, so pictures have no text; install one, such as the package fonts-dejavu-core.");
        }
    }

    /// <summary>Writes <paramref name="plot"/> in the format that the extension of <paramref name="path"/> says.</summary>
    public static void Save(string path, Plot plot)
    {
        RequireFormat(path);
        plot.Font.Set(Font);
        var bytes = Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase)
            ? plot.GetImageBytes(Width, Height, ImageFormat.Png)
            : Encoding.UTF8.GetBytes(plot.GetSvgXml(Width, Height));
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }
}
