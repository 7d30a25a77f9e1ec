using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.Torch;
using Rubato.Torch.Comparison;

namespace Rubato.Cli.Training.Compare;

/// <summary>A language model of a sixth of a million weights on the default corpus, with AdamW; 150 updates of 512 tokens in the full budget.</summary>
/// <remarks>Small enough that all schedules at the usual budgets, rates and seeds (80,000 updates) end within half an hour of two processors.</remarks>
internal sealed class LanguageModelSuite : IComparisonSuite
{
    public string Name => "lm";

    public string TasksHelp => "has one task, a language model with AdamW on the XML documentation of the installed .NET SDK";

    public IReadOnlyList<IComparisonTask> Tasks(SuiteRequest request)
    {
        if (request.Tasks is { } tasks)
        {
            throw new InvalidOptionException($"--tasks {string.Join(",", tasks)}: the suite lm has one task; leave the option out.");
        }

        TorchRuntime.Start(threads: null);
        var options = new LanguageModelTaskOptions();
        options = options with { BaseRates = request.Rates.Apply([.. options.BaseRates]) };
        var text = LanguageModelText.Load();
        return [new LanguageModelTask("lm", text.Fingerprint, text.Configuration(options.Sequence), text.Training, text.HeldOut(options.Sequence, options.Batch), options)];
    }
}
