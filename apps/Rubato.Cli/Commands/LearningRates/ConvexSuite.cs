using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.LearningRates.Comparison.Convex;
using Rubato.LearningRates.Refinement;
using Rubato.Models.DataSets;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary>Softmax regression on small data sets, with SGD and with Adam.</summary>
internal sealed class ConvexSuite : IComparisonSuite
{
    private static readonly string[] Standard = ["iris", "wine", "glass", "vehicle", "vowel"];

    public string Name => "convex";

    public string TasksHelp =>
        $"data sets ({string.Join(", ", Standard)} when not given; 'rubato lr data list' has more), or synthetic for built-in ones; with /sgd or /adam for one optimizer only";

    public IReadOnlyList<IComparisonTask> Tasks(SuiteRequest request) =>
    [
        .. (request.Tasks ?? Standard).SelectMany(name => name.Split('/') switch
        {
            [var data] => Make(data, null, request),
            [var data, "sgd"] => Make(data, OptimizerKind.Sgd, request),
            [var data, "adam"] => Make(data, OptimizerKind.Adam, request),
            _ => throw new InvalidOptionException($"--tasks {name}: expected a data set, or one with /sgd or /adam."),
        }),
    ];

    /// <summary>Whether all data sets that the suite uses when nothing else is said are here.</summary>
    public static bool HasData() => Standard.All(name => new DataSetFolder().Has(DataSetCatalog.Get(name)));

    private static IEnumerable<IComparisonTask> Make(string name, OptimizerKind? optimizer, SuiteRequest request) =>
        from data in name == "synthetic" ? SyntheticSets.All : [Load(name)]
        from kind in optimizer is { } one ? [one] : new[] { OptimizerKind.Sgd, OptimizerKind.Adam }
        select new SoftmaxRegressionTask(data, kind, request.Rates.Apply(SoftmaxRegressionTask.StandardRates(kind)));

    private static ClassificationSet Load(string name)
    {
        var table = new DataSetFolder().Table(name);
        return new(name, table.Features, table.Width, table.Labels, table.Classes);
    }
}
