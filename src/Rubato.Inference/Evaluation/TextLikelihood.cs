namespace Rubato.Inference.Evaluation;

/// <summary>How likely a model finds a text.</summary>
/// <param name="Tokens">Tokens scored.</param>
/// <param name="Bytes">Bytes of the text in UTF-8.</param>
/// <param name="NegativeLogLikelihood">Sum over the tokens of −ln p(token | those before it), in nats.</param>
public sealed record TextLikelihood(long Tokens, long Bytes, double NegativeLogLikelihood)
{
    /// <summary>e to the mean loss per token. Comparable between models with the same tokenizer only.</summary>
    public double Perplexity => Math.Exp(NegativeLogLikelihood / Math.Max(Tokens, 1));

    /// <summary>Loss in bits per byte of text: comparable between all models, and with compressors.</summary>
    public double BitsPerByte => NegativeLogLikelihood / Math.Log(2) / Math.Max(Bytes, 1);
}
