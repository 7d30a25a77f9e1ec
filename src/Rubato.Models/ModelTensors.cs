using System.Collections.Immutable;
using Rubato.Models.Architectures;

namespace Rubato.Models;

/// <summary>The tensors that a configuration calls for.</summary>
internal static class ModelTensors
{
    public static IEnumerable<ModelTensor> Of(ModelConfiguration model)
    {
        yield return new(TensorNames.TokenEmbedding, [model.EmbeddingLength, model.VocabularySize]);
        foreach (var name in FactorsOf(model))
        {
            yield return new(name, [model.RopeDimensionCount / 2]);
        }

        for (var block = 0; block < model.BlockCount; block++)
        {
            foreach (var tensor in AttentionOf(model, block).Concat(model.Experts is { } experts
                ? ExpertsOf(model, experts, block)
                : FeedForwardOf(model, block)))
            {
                yield return tensor;
            }
        }

        yield return new(TensorNames.OutputNorm, [model.EmbeddingLength]);
        if (!model.TiedHead)
        {
            yield return new(TensorNames.Output, [model.EmbeddingLength, model.VocabularySize]);
        }
    }

    private static ImmutableArray<string> FactorsOf(ModelConfiguration model) => model.RopeFactors switch
    {
        RotaryFactors.Frequencies => [TensorNames.RopeFrequencies],
        RotaryFactors.ShortAndLong => [TensorNames.RopeFactorsLong, TensorNames.RopeFactorsShort],
        _ => [],
    };

    private static IEnumerable<ModelTensor> AttentionOf(ModelConfiguration model, int block)
    {
        var (embedding, queries, keys) = (model.EmbeddingLength, model.QueryLength, model.KeyValueLength);
        yield return new(TensorNames.AttentionNorm(block), [embedding]);
        (string Weight, string Bias, int Length)[] projections = model.FusesQueryKeyValue
            ? [(TensorNames.AttentionQueryKeyValue(block), TensorNames.AttentionQueryKeyValueBias(block), queries + (2 * keys))]
            :
            [
                (TensorNames.AttentionQuery(block), TensorNames.AttentionQueryBias(block), queries),
                (TensorNames.AttentionKey(block), TensorNames.AttentionKeyBias(block), keys),
                (TensorNames.AttentionValue(block), TensorNames.AttentionValueBias(block), keys),
            ];
        foreach (var (weight, bias, length) in projections)
        {
            yield return new(weight, [embedding, length]);
            if (model.HasQueryKeyValueBias)
            {
                yield return new(bias, [length]);
            }
        }

        if (model.Architecture.NormalizesHeads)
        {
            yield return new(TensorNames.AttentionQueryNorm(block), [model.HeadLength]);
            yield return new(TensorNames.AttentionKeyNorm(block), [model.HeadLength]);
        }

        yield return new(TensorNames.AttentionOutput(block), [queries, embedding]);
        if (model.HasAttentionOutputBias)
        {
            yield return new(TensorNames.AttentionOutputBias(block), [embedding]);
        }

        if (model.Architecture.NormalizesOutputs)
        {
            yield return new(TensorNames.AttentionOutputNorm(block), [embedding]);
            yield return new(TensorNames.FeedForwardOutputNorm(block), [embedding]);
        }

        yield return new(TensorNames.FeedForwardNorm(block), [embedding]);
    }

    private static IEnumerable<ModelTensor> FeedForwardOf(ModelConfiguration model, int block)
    {
        var (embedding, inner) = (model.EmbeddingLength, model.FeedForwardLength);
        if (model.Architecture.FusesGateUp)
        {
            yield return new(TensorNames.FeedForwardUp(block), [embedding, 2 * inner]);
        }
        else
        {
            yield return new(TensorNames.FeedForwardGate(block), [embedding, inner]);
            yield return new(TensorNames.FeedForwardUp(block), [embedding, inner]);
        }

        yield return new(TensorNames.FeedForwardDown(block), [inner, embedding]);
        if (model.HasFeedForwardBias)
        {
            yield return new(TensorNames.FeedForwardGateBias(block), [inner]);
            yield return new(TensorNames.FeedForwardUpBias(block), [inner]);
            yield return new(TensorNames.FeedForwardDownBias(block), [embedding]);
        }
    }

    private static IEnumerable<ModelTensor> ExpertsOf(ModelConfiguration model, ExpertConfiguration experts, int block)
    {
        var (embedding, inner, count) = (model.EmbeddingLength, experts.FeedForwardLength, experts.Count);
        yield return new(TensorNames.Router(block), [embedding, count]);
        yield return new(TensorNames.ExpertGates(block), [embedding, inner, count]);
        yield return new(TensorNames.ExpertUps(block), [embedding, inner, count]);
        yield return new(TensorNames.ExpertDowns(block), [inner, embedding, count]);
        if (experts.SharedFeedForwardLength is > 0 and var shared)
        {
            yield return new(TensorNames.SharedExpertRouter(block), [embedding]);
            yield return new(TensorNames.SharedExpertGate(block), [embedding, shared]);
            yield return new(TensorNames.SharedExpertUp(block), [embedding, shared]);
            yield return new(TensorNames.SharedExpertDown(block), [shared, embedding]);
        }
    }
}
