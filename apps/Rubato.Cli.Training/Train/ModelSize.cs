using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models;

namespace Rubato.Cli.Training.Train;

/// <summary>The sizes of a new model; presets by name, each value can be replaced.</summary>
internal sealed record ModelSize(int Layers, int Width, int Heads, int KeyValueHeads, int FeedForward, int Vocabulary)
{
    private const float NormEpsilon = 1e-5f;

    public static ImmutableSortedDictionary<string, ModelSize> Presets { get; } = ImmutableSortedDictionary<string, ModelSize>.Empty
        .Add("nano", new(Layers: 4, Width: 128, Heads: 4, KeyValueHeads: 2, FeedForward: 352, Vocabulary: 2048))
        .Add("tiny", new(Layers: 6, Width: 256, Heads: 4, KeyValueHeads: 2, FeedForward: 704, Vocabulary: 4096))
        .Add("small", new(Layers: 12, Width: 512, Heads: 8, KeyValueHeads: 4, FeedForward: 1408, Vocabulary: 8192));

    /// <summary>The model with a vocabulary of <paramref name="vocabulary"/> tokens.</summary>
    /// <exception cref="InvalidOptionException">The sizes do not fit together.</exception>
    public ModelConfiguration ToConfiguration(int vocabulary, int contextLength, bool tiedHead)
    {
        if (Heads < 1 || Width % Heads != 0 || Width / Heads % 2 != 0)
        {
            throw new InvalidOptionException($"--width {Width}: must be an even multiple of --heads ({Heads}).");
        }

        var configuration = new ModelConfiguration
        {
            ContextLength = contextLength,
            EmbeddingLength = Width,
            BlockCount = Layers,
            FeedForwardLength = FeedForward,
            HeadCount = Heads,
            KeyValueHeadCount = KeyValueHeads,
            HeadLength = Width / Heads,
            RopeDimensionCount = Width / Heads,
            RmsNormEpsilon = NormEpsilon,
            VocabularySize = vocabulary,
            TiedHead = tiedHead,
        };
        return configuration.Problems().FirstOrDefault() is { } problem
            ? throw new InvalidOptionException($"The sizes of the model do not fit: {problem}.")
            : configuration;
    }
}
