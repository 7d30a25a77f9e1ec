using Rubato.Cli.Commands.LearningRates.Comparing;
using Rubato.Cli.Training.Train;
using Rubato.Core;
using Rubato.LearningRates.Comparison;
using Rubato.Models.Corpora;
using Rubato.Models.Tokenizers;
using Rubato.Torch;
using Rubato.Torch.Comparison;
using Rubato.Torch.Data;

namespace Rubato.Cli.Training.Compare;

/// <summary>A language model of a quarter of a million weights on the default corpus, with AdamW.</summary>
/// <remarks>Small enough that twelve schedules at the usual budgets, rates and seeds end within half an hour of two processors.</remarks>
internal sealed class LanguageModelSuite : IComparisonSuite
{
    private static readonly ModelSize Size = new(Layers: 2, Width: 64, Heads: 2, KeyValueHeads: 2, FeedForward: 176, Vocabulary: 1024);

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
        var corpus = XmlDocumentationCorpus.Load();
        var documents = corpus.TrainingDocuments.Select(document => document.Text);
        var vocabulary = BpeTrainer.Train(documents, new() { VocabularySize = Size.Vocabulary });
        var tokenizer = Tokenizer.From(vocabulary);
        var text = TokenSequence.Pack(documents, tokenizer);
        var heldOut = TokenSequence.Pack(corpus.ValidationDocuments.Select(document => document.Text), tokenizer);
        var configuration = Size.ToConfiguration(vocabulary.Tokens.Length, options.Sequence, tiedHead: true);
        return [new LanguageModelTask("lm", corpus.Fingerprint[..16], configuration, text, new(heldOut, tokenizer, options.Sequence, options.Batch), options)];
    }
}
