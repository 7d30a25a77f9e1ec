using Rubato.Models;

namespace Rubato.Torch.Training;

/// <summary>How many floating-point operations training takes by the usual count: forward once, backward twice.</summary>
public static class TrainingCost
{
    /// <summary>Operations per trained token: 6 per weight in a product (the head is, the embedding look-up is not), and causal attention.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="sequence">Tokens per row; attention grows with it.</param>
    public static double PerToken(ModelConfiguration configuration, int sequence)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var embedding = (double)configuration.VocabularySize * configuration.EmbeddingLength;
        var multiplied = configuration.ParameterCount - (configuration.TiedHead ? 0 : embedding);
        return 6 * multiplied + 6.0 * configuration.BlockCount * configuration.QueryLength * sequence;
    }
}
