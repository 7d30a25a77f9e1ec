using Rubato.Core;

namespace Rubato.Models.DataSets;

/// <summary>The data sets that are known, all from packages of Debian and its descendants.</summary>
public static class DataSetCatalog
{
    private static readonly DataPackage Bench =
        new("r-cran-mlbench", "GPL-2", 1.0, "usr/lib/R/site-library/mlbench/data");

    private static readonly DataPackage Learn =
        new("python3-sklearn", "BSD-3-Clause", 2.1, "usr/lib/python3/dist-packages/sklearn/datasets/data");

    private static readonly DataPackage Fashion =
        new("dataset-fashion-mnist", "MIT", 30.9, "usr/share/datasets/fashion-mnist");

    /// <summary>Name of the images that the fashion suite trains on.</summary>
    public const string FashionMnist = "fashion-mnist";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DataSetInfo> All { get; } =
    [
        Csv("iris", "iris.csv", "150 flowers, 4 features, 3 classes"),
        Csv("wine", "wine_data.csv", "178 wines, 13 features, 3 classes"),
        Csv("breast-cancer", "breast_cancer.csv", "569 samples, 30 features, 2 classes"),
        Csv("digits", "digits.csv.gz", "1,797 digits of 8 x 8 pixels, 10 classes") with { HasHead = false },
        Frame("glass", "Glass", "Type", "214 splinters, 9 features, 6 classes"),
        Frame("vehicle", "Vehicle", "Class", "846 silhouettes, 18 features, 4 classes"),
        Frame("vowel", "Vowel", "Class", "990 vowels, 10 features, 11 classes"),
        Frame("sonar", "Sonar", "Class", "208 echoes, 60 features, 2 classes"),
        Frame("dna", "DNA", "Class", "3,186 sequences, 180 features, 3 classes"),
        Frame("satellite", "Satellite", "classes", "6,435 pixels, 36 features, 6 classes"),
        Frame("letter", "LetterRecognition", "lettr", "20,000 letters, 16 features, 26 classes"),
        Frame("shuttle", "Shuttle", "Class", "58,000 readings, 9 features, 7 classes"),
        new(FashionMnist, Fashion, ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"], "60,000 + 10,000 images of 28 x 28 pixels, 10 classes"),
    ];

    /// <summary>The data set of this name.</summary>
    /// <exception cref="InvalidOptionException">There is none.</exception>
    public static DataSetInfo Get(string name) => All.FirstOrDefault(set => set.Name == name)
        ?? throw new InvalidOptionException($"data set {name}: is not known; there are {string.Join(", ", All.Select(set => set.Name))}.");

    private static DataSetInfo Csv(string name, string file, string contents) => new(name, Learn, [file], contents) { HasHead = true };

    private static DataSetInfo Frame(string name, string variable, string label, string contents) => new(name, Bench, [variable + ".rda"], contents) { Frame = (variable, label) };
}
