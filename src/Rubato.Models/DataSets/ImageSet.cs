using Rubato.Core;

namespace Rubato.Models.DataSets;

/// <summary>Grey images with a class each.</summary>
/// <param name="Images">[images, rows, columns], 0 … 255.</param>
/// <param name="Labels">[images], 0 … 9.</param>
public sealed record ImageSet(IdxArray Images, IdxArray Labels)
{
    /// <summary>Number of images.</summary>
    public int Count => Labels.Values.Length;

    /// <summary>Pixels an image.</summary>
    public int Pixels => Images.Dimensions[1] * Images.Dimensions[2];

    /// <summary>Puts the two files together.</summary>
    /// <exception cref="InvalidFormatException">They do not belong together.</exception>
    internal static ImageSet From(IdxArray images, IdxArray labels, string name) =>
        images.Dimensions.Count == 3 && labels.Dimensions.Count == 1 && images.Dimensions[0] == labels.Dimensions[0] && labels.Values.All(label => label < 10)
            ? new(images, labels)
            : throw new InvalidFormatException($"{name}: images and labels do not belong together.");
}
