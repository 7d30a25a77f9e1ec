using Rubato.Cli.Training.Train;
using Rubato.Models;
using Rubato.Models.Corpora;
using Rubato.Models.Tokenizers;
using Rubato.Torch.Data;

namespace Rubato.Cli.Training.Compare;

/// <summary>The default corpus in 1,024 tokens of its own, and the small model that schedules are compared with on it.</summary>
internal sealed class LanguageModelText
{
    private static readonly ModelSize Size = new(Layers: 2, Width: 64, Heads: 2, KeyValueHeads: 2, FeedForward: 176, Vocabulary: 1024);

    private readonly Tokenizer _tokenizer;
    private readonly TokenSequence _heldOut;

    private LanguageModelText(string fingerprint, Tokenizer tokenizer, TokenSequence training, TokenSequence heldOut) =>
        (Fingerprint, _tokenizer, Training, _heldOut) = (fingerprint, tokenizer, training, heldOut);

    /// <summary>A hash of the text and its split, 16 hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>Tokens to train on.</summary>
    public TokenSequence Training { get; }

    /// <summary>Reads the corpus and trains its vocabulary.</summary>
    public static LanguageModelText Load()
    {
        var corpus = XmlDocumentationCorpus.Load();
        var documents = corpus.TrainingDocuments.Select(document => document.Text);
        var tokenizer = Tokenizer.From(BpeTrainer.Train(documents, new() { VocabularySize = Size.Vocabulary }));
        return new(
            corpus.Fingerprint[..16],
            tokenizer,
            TokenSequence.Pack(documents, tokenizer),
            TokenSequence.Pack(corpus.ValidationDocuments.Select(document => document.Text), tokenizer));
    }

    /// <summary>The model's sizes.</summary>
    public ModelConfiguration Configuration(int contextLength) => Size.ToConfiguration(_tokenizer.VocabularySize, contextLength, tiedHead: true);

    /// <summary>Text to measure on, in rows and batches.</summary>
    public ValidationText HeldOut(int sequence, int batch) => new(_heldOut, _tokenizer, sequence, batch);
}
