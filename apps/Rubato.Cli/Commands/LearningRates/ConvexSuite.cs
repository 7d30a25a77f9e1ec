using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Comparison.Convex;
using Rubato.Models.DataSets;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary>Softmax regression on small data sets, with SGD, with momentum, or with Adam.</summary>
internal sealed class ConvexSuite : IComparisonSuite
{
    /// <summary>The data sets when nothing else is said.</summary>
    public static readonly string[] Standard = ["iris", "wine", "glass", "vehicle", "vowel"];

    public string Name => "convex";

    public string TasksHelp =>
        $"data sets ({string.Join(", ", Standard)} when not given; 'rubato lr data list' has more), or synthetic for built-in ones; with /sgd, /sgdm (momentum 0.9) or /adam for one optimizer only, sgd and adam when not given";

    public IReadOnlyList<IComparisonTask> Tasks(SuiteRequest request) =>
    [
        .. (request.Tasks ?? Standard).SelectMany(name => name.Split('/') switch
        {
            [var data] => Make(data, null, request),
            [var data, "sgd"] => Make(data, ConvexOptimizer.Sgd, request),
            [var data, "sgdm"] => Make(data, ConvexOptimizer.SgdMomentum, request),
            [var data, "adam"] => Make(data, ConvexOptimizer.Adam, request),
            _ => throw new InvalidOptionException($"--tasks {name}: expected a data set, or one with /sgd, /sgdm or /adam."),
        }),
    ];

    /// <summary>Whether all data sets that the suite uses when nothing else is said are here.</summary>
    public static bool HasData() => Standard.All(name => new DataSetFolder().Has(DataSetCatalog.Get(name)));

    private static IEnumerable<IComparisonTask> Make(string name, ConvexOptimizer? optimizer, SuiteRequest request) =>
        from data in name == "synthetic" ? SyntheticSets.All : [Load(name)]
        from kind in optimizer is { } one ? [one] : new[] { ConvexOptimizer.Sgd, ConvexOptimizer.Adam }
        select new SoftmaxRegressionTask(data, kind, request.Rates.Apply(SoftmaxRegressionTask.StandardRates(kind)));

    private static ClassificationSet Load(string name)
    {
        var table = new DataSetFolder().Table(name);
        return new(name, table.Features, table.Width, table.Labels, table.Classes);
    }
}
