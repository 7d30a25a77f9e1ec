using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.Models.DataSets;
using Rubato.Torch;
using Rubato.Torch.Comparison;

namespace Rubato.Cli.Training.Compare;

/// <summary>A perceptron or a small convolutional net on Fashion-MNIST, with SGD.</summary>
internal sealed class FashionSuite : IComparisonSuite
{
    public string Name => "fashion";

    public string TasksHelp => "perceptron (when not given), cnn, both with SGD";

    public IReadOnlyList<IComparisonTask> Tasks(SuiteRequest request)
    {
        TorchRuntime.Start(threads: null);
        var models = (request.Tasks ?? ["perceptron"]).Select(name => (Name: name, Kind: Model(name))).ToArray();
        var (training, test) = new DataSetFolder().Images(DataSetCatalog.FashionMnist);
        var rates = request.Rates.Apply([0.01, 0.03, 0.1, 0.3]);
        return [.. models.Select(model => new ImageClassificationTask($"fashion-{model.Name}", model.Kind, training, test, baseRates: rates))];
    }

    private static ImageModelKind Model(string name) => name switch
    {
        "perceptron" => ImageModelKind.Perceptron,
        "cnn" => ImageModelKind.Convolutional,
        _ => throw new InvalidOptionException($"--tasks {name}: the suite fashion has perceptron and cnn."),
    };
}
