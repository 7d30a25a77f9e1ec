using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.Models.DataSets;
using Rubato.Torch;
using Rubato.Torch.Comparison;

namespace Rubato.Cli.Training.Compare;

/// <summary>A perceptron on Fashion-MNIST, with SGD.</summary>
internal sealed class FashionSuite : IComparisonSuite
{
    public string Name => "fashion";

    public string TasksHelp => "has one task, a perceptron with SGD";

    public IReadOnlyList<IComparisonTask> Tasks(SuiteRequest request)
    {
        if (request.Tasks is { } tasks)
        {
            throw new InvalidOptionException($"--tasks {string.Join(",", tasks)}: the suite fashion has one task; leave the option out.");
        }

        TorchRuntime.Start(threads: null);
        var (training, test) = new DataSetFolder().Images(DataSetCatalog.FashionMnist);
        return [new ImageClassificationTask("fashion", training, test, baseRates: request.Rates.Apply([0.01, 0.03, 0.1, 0.3]))];
    }
}
