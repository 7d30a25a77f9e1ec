namespace Rubato.Torch.Comparison;

/// <summary>Which model an <see cref="ImageClassificationTask"/> trains.</summary>
public enum ImageModelKind
{
    /// <summary>One hidden layer of 128 rectified units.</summary>
    Perceptron,

    /// <summary>Two 3 × 3 convolutions of 8 and 16 channels, pooled by 2, and a linear layer.</summary>
    Convolutional,
}
