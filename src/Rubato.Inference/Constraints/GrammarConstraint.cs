using Rubato.Core;
using Rubato.Models.Grammars;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Inference.Constraints;

/// <summary>Lets one request generate only what follows a grammar.</summary>
/// <remarks>
/// Where the output stands is a function of the generated tokens: the constraint remembers how many it has read and reads the new ones;
/// after a preemption there is nothing to restore. An output that has left the grammar may not go on.
/// </remarks>
public sealed class GrammarConstraint : ITokenConstraint
{
    private readonly GrammarCursor _cursor;
    private readonly ITokenizer _tokenizer;
    private int _read;

    /// <summary>A constraint for one request.</summary>
    /// <param name="grammar">What may be generated.</param>
    /// <param name="tokenizer">The tokenizer of the grammar's vocabulary.</param>
    public GrammarConstraint(TokenGrammar grammar, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        ArgumentNullException.ThrowIfNull(tokenizer);
        _cursor = grammar.Begin();
        _tokenizer = tokenizer;
    }

    /// <inheritdoc/>
    public void Forbid(ReadOnlySpan<int> generated, Span<float> logits)
    {
        try
        {
            for (; _read < generated.Length; _read++)
            {
                _cursor.Advance(generated[_read], _tokenizer);
            }

            _cursor.Forbid(logits);
        }
        catch (RubatoException)
        {
            // A grammar that cannot be followed any further ends this request, and no other of the same step.
            logits.Fill(float.NegativeInfinity);
        }
    }
}
