namespace Rubato.Serving;

/// <summary>What one request may generate, such as text that follows a grammar: it forbids tokens before each draw.</summary>
/// <remarks>
/// Belongs to one request and is called by the executor, one step at a time. What is forbidden depends on the generated tokens only; an
/// implementation may remember how far it has read them, for between two calls they only grow. A constraint is not part of a
/// journal: no plan depends on it.
/// </remarks>
public interface ITokenConstraint
{
    /// <summary>Sets the logit of every token that must not come next to negative infinity, and changes no other.</summary>
    /// <param name="generated">Token ids generated so far, in order.</param>
    /// <param name="logits">One number per token of the vocabulary: a copy, free to be changed.</param>
    void Forbid(ReadOnlySpan<int> generated, Span<float> logits);
}
