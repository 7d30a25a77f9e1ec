using Rubato.Core;
using Rubato.Models.Grammars.Automata;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Grammars;

/// <summary>Where one output stands in a <see cref="TokenGrammar"/>: a function of its tokens. Not thread-safe.</summary>
public sealed class GrammarCursor
{
    private readonly TokenGrammar _grammar;
    private GrammarState _state;

    internal GrammarCursor(TokenGrammar grammar)
    {
        _grammar = grammar;
        _state = grammar.Start;
    }

    /// <summary>Whether the output may end here.</summary>
    public bool IsComplete => _state.Accepts;

    /// <summary>Whether the output may end here and nothing else can follow.</summary>
    public bool IsFinal => _state.Accepts && _state.IsFinal;

    /// <summary>Whether the output is free text here, in which only certain markers would mean something.</summary>
    public bool IsFree => _state.IsFree;

    /// <summary>Whether the output has left the grammar; nothing can follow.</summary>
    public bool IsDead => _state.IsDead;

    /// <summary>Takes in the next token. A token that stands for no text and is none of the grammar's own makes the output leave it.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="tokenizer">The tokenizer of the vocabulary.</param>
    /// <exception cref="RubatoException">The grammar is too ambiguous to be followed.</exception>
    public void Advance(int token, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _state = _grammar.Follow(_state, token, tokenizer.IsSpecial(token) ? [] : tokenizer.TokenBytes(token));
    }

    /// <summary>Whether a token may come next.</summary>
    /// <param name="token">Token id in the vocabulary.</param>
    /// <exception cref="RubatoException">The grammar is too ambiguous to be followed.</exception>
    public bool Allows(int token) => _grammar.MaskOf(_state)[token];

    /// <summary>Sets the logit of every token that must not come next to negative infinity.</summary>
    /// <param name="logits">One number per token; those beyond the vocabulary are forbidden as well.</param>
    /// <exception cref="RubatoException">The grammar is too ambiguous to be followed.</exception>
    public void Forbid(Span<float> logits)
    {
        var mask = _grammar.MaskOf(_state);
        if (!mask.AllowsAll || logits.Length > mask.VocabularySize)
        {
            mask.Forbid(logits);
        }
    }
}
