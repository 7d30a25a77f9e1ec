using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.Models;
using Rubato.Models.Tokenizers;
using Rubato.Torch.Data;
using Rubato.Torch.Llama;
using Rubato.Torch.Training;

namespace Rubato.Torch.Tests;

/// <summary>Models, texts and options small enough to train within a test.</summary>
internal static class Small
{
    public const string Text =
        "The quick brown fox jumps over the lazy dog. A journey of a thousand miles begins with a single step. "
        + "All that glitters is not gold, and not all those who wander are lost. Time is what we want most, but what we use worst. ";

    public static Tokenizer Tokenizer { get; } = Models.Tokenizers.Tokenizer.From(
        BpeTrainer.Train([Text], new() { VocabularySize = 288 }));

    public static ModelConfiguration Configuration(int vocabulary, bool tied = true, int keyValueHeads = 2) => new()
    {
        ContextLength = 64,
        EmbeddingLength = 32,
        BlockCount = 2,
        FeedForwardLength = 64,
        HeadCount = 4,
        KeyValueHeadCount = keyValueHeads,
        HeadLength = 8,
        RopeDimensionCount = 8,
        RmsNormEpsilon = 1e-5f,
        VocabularySize = vocabulary,
        TiedHead = tied,
    };

    public static LlamaModule Model(ulong seed = 1) => new(Configuration(Tokenizer.VocabularySize), seed);

    public static ShuffledRows Rows(int sequence = 16, ulong seed = 1) => new(Packed(4), sequence, seed);

    public static TokenSequence Packed(int copies) => TokenSequence.Pack(Enumerable.Repeat(Text, copies), Tokenizer);

    public static TrainerOptions Options(string budget) => new()
    {
        Budget = TrainingBudget.Parse(budget),
        LearningRate = 1e-2,
        Batch = 4,
        CheckpointEvery = Duration.FromSeconds(3600),
    };

    public static int[] RandomTokens(Prng random, int count, int vocabulary) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextInt32(vocabulary))];
}
