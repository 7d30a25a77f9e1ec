using Rubato.Core;
using Rubato.Models.Grammars.Automata;
using Rubato.Models.Grammars.Masks;

namespace Rubato.Models.Grammars;

/// <summary>A grammar over the tokens of one vocabulary: says which tokens may come next after any output. Safe to share between threads.</summary>
/// <remarks>
/// Where an output stands depends on its tokens only. The tokens allowed at a place are found once and remembered, in bounded memory.
/// </remarks>
public sealed class TokenGrammar
{
    /// <summary>Bytes of masks that one grammar remembers.</summary>
    private const int MaskBytesMax = 8 << 20;

    private readonly Lock _lock = new();
    private readonly VocabularyTrie _trie;
    private readonly int _stepsPerMask;
    private readonly GrammarAutomaton _automaton;
    private readonly TokenMaskBuilder _builder;
    private readonly TokenMaskCache _masks;

    internal TokenGrammar(CompiledGrammar grammar, VocabularyTrie trie, GrammarLimits limits)
    {
        _trie = trie;
        _stepsPerMask = limits.StepsPerMask;
        _automaton = new(grammar, limits);
        _builder = new(trie, _automaton, PlainCharacters.Of(grammar.MarkerStarts));
        _masks = new(Math.Max(16, MaskBytesMax / Math.Max(1, trie.VocabularySize / 8)));
        Nodes = grammar.Nodes.Length;
    }

    /// <summary>Size of the compiled grammar, in nodes.</summary>
    public int Nodes { get; }

    /// <summary>The number of tokens of the vocabulary.</summary>
    public int VocabularySize => _trie.VocabularySize;

    internal GrammarState Start => _automaton.Start;

    /// <summary>Finds the tokens that may come first now, so that the first draw need not wait for them.</summary>
    /// <exception cref="RubatoException">The grammar is too ambiguous.</exception>
    internal void Warm() => _ = MaskOf(Start);

    /// <summary>Begins an output.</summary>
    public GrammarCursor Begin() => new(this);

    /// <exception cref="RubatoException">The grammar is too ambiguous.</exception>
    internal TokenMask MaskOf(GrammarState state)
    {
        lock (_lock)
        {
            var few = _automaton.Clamp(state, _trie.LongestToken);
            if (_masks.Find(few) is { } known)
            {
                return known;
            }

            _automaton.StepsLeft = _stepsPerMask;
            var mask = _builder.Build(few);
            _automaton.StepsLeft = long.MaxValue;
            _masks.Add(few, mask);
            return mask;
        }
    }

    /// <summary>The state after a token; dead when it may not come.</summary>
    internal GrammarState Follow(GrammarState state, int token, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (bytes.IsEmpty)
            {
                return _automaton.StepToken(state, token);
            }

            _automaton.StepsLeft = long.MaxValue;
            foreach (var unit in bytes)
            {
                state = _automaton.Step(state, unit);
            }

            return state;
        }
    }
}
