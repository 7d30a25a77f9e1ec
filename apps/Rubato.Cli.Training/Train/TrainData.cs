using System.Globalization;
using Rubato.Core;
using Rubato.Models.Corpora;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;
using Rubato.Torch.Data;

namespace Rubato.Cli.Training.Train;

/// <summary>What a run reads: the corpus, the vocabulary, the rows to train on and the text to measure on.</summary>
internal sealed class TrainData
{
    private TrainData(Corpus corpus, TokenizerVocabulary vocabulary, ITrainingRows rows, ValidationText validation, ValidationText? chat)
    {
        (Corpus, Vocabulary, Rows, Validation, ChatValidation) = (corpus, vocabulary, rows, validation, chat);
    }

    public Corpus Corpus { get; }

    public TokenizerVocabulary Vocabulary { get; }

    public ITrainingRows Rows { get; }

    /// <summary>Held-out plain text.</summary>
    public ValidationText Validation { get; }

    /// <summary>Held-out conversations, when the run is a chat run.</summary>
    public ValidationText? ChatValidation { get; }

    /// <summary>Loads everything; says on <paramref name="log"/> what it does.</summary>
    public static TrainData Load(TrainSettings settings, GgufFile? initial, Action<string> log)
    {
        var corpus = settings.CorpusPath is { } path ? TextFolderCorpus.Load(path) : XmlDocumentationCorpus.Load();
        log(string.Create(
            CultureInfo.InvariantCulture,
            $"corpus {corpus.Name}: {corpus.Statistics.TrainingBytes / 1e6:F2} MB to train on, "
            + $"{corpus.Statistics.ValidationBytes / 1e6:F2} MB held out"));
        var documents = corpus.TrainingDocuments.Select(document => document.Text);
        var vocabulary = initial is not null
            ? TokenizerVocabulary.FromGguf(initial.Metadata)
            : BpeTrainer.Train(documents, new() { VocabularySize = settings.Size.Vocabulary });
        var tokenizer = Tokenizer.From(vocabulary);
        var text = TokenSequence.Pack(documents, tokenizer);
        var heldOut = TokenSequence.Pack(corpus.ValidationDocuments.Select(document => document.Text), tokenizer);
        log(string.Create(
            CultureInfo.InvariantCulture,
            $"{text.Tokens.Length / 1e6:F2} M tokens of a vocabulary of {tokenizer.VocabularySize}, "
            + $"{corpus.Statistics.TrainingBytes / (double)text.Tokens.Length:F2} bytes each"));

        var rows = new ShuffledRows(text, settings.Sequence, settings.Seed);
        var validation = new ValidationText(heldOut, tokenizer, settings.Sequence, settings.Trainer.Batch);
        if (!settings.Chat)
        {
            return new(corpus, vocabulary, rows, validation, null);
        }

        var chat = ChatExamples.From(corpus, settings.Seed);
        var conversations = new ShuffledRows(ChatMarkup.Pack(chat.Training, tokenizer), settings.Sequence, settings.Seed);
        return new(
            corpus,
            vocabulary,
            settings.CorpusShare == 0 ? conversations : new MixedRows(conversations, rows, settings.CorpusShare),
            validation,
            TryValidate(ChatMarkup.Pack(chat.Validation, tokenizer), tokenizer, settings));
    }

    private static ValidationText? TryValidate(TokenSequence text, Tokenizer tokenizer, TrainSettings settings)
    {
        try
        {
            return new(text, tokenizer, settings.Sequence, settings.Trainer.Batch);
        }
        catch (InvalidOptionException)
        {
            return null; // Too few held-out conversations for one row: a plain-text corpus has none.
        }
    }
}
