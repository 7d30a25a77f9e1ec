using Rubato.Core;

namespace Rubato.LearningRates.Comparison.Convex;

/// <summary>Classification problems that need no file: clusters that overlap, so that no model reaches loss 0.</summary>
public static class SyntheticSets
{
    /// <summary>Normally distributed clusters around random centres, with features of very different scale.</summary>
    /// <param name="name">A short name.</param>
    /// <param name="examples">Number of examples, at least 1.</param>
    /// <param name="width">Features an example, at least 1.</param>
    /// <param name="classes">Number of classes, at least 2.</param>
    /// <param name="spread">Deviation of a cluster in units of the deviation of the centres, above 0: larger is harder.</param>
    /// <param name="seed">Decides everything.</param>
    public static ClassificationSet Clusters(string name, int examples, int width, int classes, double spread, ulong seed)
    {
        var (centres, draws) = (new Prng(seed).Split("centres"), new Prng(seed).Split("examples"));
        var means = new double[classes * width];
        for (var i = 0; i < means.Length; i++)
        {
            means[i] = centres.NextNormal();
        }

        var features = new double[examples * width];
        var labels = new int[examples];
        for (var i = 0; i < examples; i++)
        {
            labels[i] = draws.NextInt32(classes);
            for (var feature = 0; feature < width; feature++)
            {
                // Later features carry less: the problem is badly conditioned, as real ones are.
                features[i * width + feature] = (means[labels[i] * width + feature] + draws.NextNormal(0, spread)) / (1 + feature);
            }
        }

        return new(name, features, width, labels, classes);
    }

    /// <summary>Three problems of different size and hardness.</summary>
    public static IReadOnlyList<ClassificationSet> All { get; } =
    [
        Clusters("synthetic-small", 150, 4, 3, 1.2, 1),
        Clusters("synthetic-wide", 300, 20, 5, 2.5, 2),
        Clusters("synthetic-hard", 600, 8, 8, 1.5, 3),
    ];
}
