using Rubato.Kernels.MatrixProducts;
using Rubato.Models;
using Rubato.Models.Architectures;

namespace Rubato.Inference.Models;

/// <summary>Collects the weights of a layer under the names that its architecture gives them.</summary>
/// <param name="configuration">The model.</param>
/// <param name="vector">Reads a vector.</param>
/// <param name="matrix">Describes one of so many matrices of equal size that a tensor holds.</param>
internal sealed class DecoderLayerReader(
    ModelConfiguration configuration, Func<string, float[]> vector, Func<string, int, int, WeightMatrix> matrix)
{
    private ModelArchitecture Architecture => configuration.Architecture;

    public DecoderLayer Read(int block) => new()
    {
        AttentionNorm = vector(TensorNames.AttentionNorm(block)),
        QueryKeyValue = configuration.FusesQueryKeyValue
            ? [Whole(TensorNames.AttentionQueryKeyValue(block))]
            : [Whole(TensorNames.AttentionQuery(block)), Whole(TensorNames.AttentionKey(block)), Whole(TensorNames.AttentionValue(block))],
        QueryKeyValueBias = !configuration.HasQueryKeyValueBias ? null
            : configuration.FusesQueryKeyValue ? vector(TensorNames.AttentionQueryKeyValueBias(block))
            :
            [
                .. vector(TensorNames.AttentionQueryBias(block)), .. vector(TensorNames.AttentionKeyBias(block)),
                .. vector(TensorNames.AttentionValueBias(block)),
            ],
        QueryNorm = Architecture.NormalizesHeads ? vector(TensorNames.AttentionQueryNorm(block)) : null,
        KeyNorm = Architecture.NormalizesHeads ? vector(TensorNames.AttentionKeyNorm(block)) : null,
        AttentionOutput = Whole(TensorNames.AttentionOutput(block)),
        AttentionOutputBias = configuration.HasAttentionOutputBias ? vector(TensorNames.AttentionOutputBias(block)) : null,
        AttentionOutputNorm = Architecture.NormalizesOutputs ? vector(TensorNames.AttentionOutputNorm(block)) : null,
        FeedForwardNorm = vector(TensorNames.FeedForwardNorm(block)),
        FeedForward = configuration.Experts is null ? ReadFeedForward(block) : null,
        Experts = configuration.Experts is { } experts ? ReadExperts(block, experts) : null,
        FeedForwardOutputNorm = Architecture.NormalizesOutputs ? vector(TensorNames.FeedForwardOutputNorm(block)) : null,
    };

    private FeedForwardWeights ReadFeedForward(int block) => new(
        Architecture.FusesGateUp
            ? [Whole(TensorNames.FeedForwardUp(block))]
            : [Whole(TensorNames.FeedForwardGate(block)), Whole(TensorNames.FeedForwardUp(block))],
        configuration.HasFeedForwardBias
            ? [.. vector(TensorNames.FeedForwardGateBias(block)), .. vector(TensorNames.FeedForwardUpBias(block))]
            : null,
        Whole(TensorNames.FeedForwardDown(block)),
        configuration.HasFeedForwardBias ? vector(TensorNames.FeedForwardDownBias(block)) : null);

    private ExpertWeights ReadExperts(int block, ExpertConfiguration experts)
    {
        FeedForwardWeights Expert(int expert) => new(
            [matrix(TensorNames.ExpertGates(block), expert, experts.Count), matrix(TensorNames.ExpertUps(block), expert, experts.Count)],
            null,
            matrix(TensorNames.ExpertDowns(block), expert, experts.Count),
            null);
        var shared = experts.SharedFeedForwardLength > 0
            ? new FeedForwardWeights(
                [Whole(TensorNames.SharedExpertGate(block)), Whole(TensorNames.SharedExpertUp(block))],
                null,
                Whole(TensorNames.SharedExpertDown(block)),
                null)
            : null;
        return new(
            Whole(TensorNames.Router(block)),
            [.. Enumerable.Range(0, experts.Count).Select(Expert)],
            experts.UsedCount,
            shared is null ? null : Whole(TensorNames.SharedExpertRouter(block)),
            shared);
    }

    private WeightMatrix Whole(string name) => matrix(name, 0, 1);
}
