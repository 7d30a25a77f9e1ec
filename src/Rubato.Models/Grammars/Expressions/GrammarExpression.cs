using System.Collections.Immutable;

namespace Rubato.Models.Grammars.Expressions;

/// <summary>What a grammar is made of before it becomes an automaton: a tree that matches bytes (and, rarely, single tokens).</summary>
internal abstract record GrammarExpression
{
    /// <summary>Matches nothing at all, always.</summary>
    public static GrammarExpression Empty { get; } = new SequenceExpression([]);

    /// <summary>Matches never.</summary>
    public static GrammarExpression Never { get; } = new ChoiceExpression([]);

    /// <summary>These bytes, one after another.</summary>
    public static GrammarExpression Literal(ReadOnlySpan<byte> bytes) => new LiteralExpression([.. bytes]);

    /// <summary>One byte of a range, both ends included.</summary>
    public static GrammarExpression Range(byte low, byte high) => new ByteRangeExpression(low, high);

    public static GrammarExpression Sequence(params ReadOnlySpan<GrammarExpression> items) =>
        items.Length == 1 ? items[0] : new SequenceExpression([.. items]);

    public static GrammarExpression Choice(params ReadOnlySpan<GrammarExpression> items) =>
        items.Length == 1 ? items[0] : new ChoiceExpression([.. items]);

    public static GrammarExpression Optional(GrammarExpression body) => new RepeatExpression(body, 0, 1);

    /// <param name="body">What repeats; it must not match the empty text when <paramref name="max"/> is bounded and above 1.</param>
    /// <param name="min">At least so often.</param>
    /// <param name="max">At most so often; null for any number.</param>
    public static GrammarExpression Repeat(GrammarExpression body, int min, int? max) => new RepeatExpression(body, min, max);
}

/// <summary>Bytes one after another.</summary>
internal sealed record LiteralExpression(ImmutableArray<byte> Bytes) : GrammarExpression;

/// <summary>One byte of a range.</summary>
internal sealed record ByteRangeExpression(byte Low, byte High) : GrammarExpression;

/// <summary>One token that stands for no text, such as a marker of the model's chat format.</summary>
internal sealed record TokenExpression(int Token) : GrammarExpression;

/// <summary>Items one after another.</summary>
internal sealed record SequenceExpression(ImmutableArray<GrammarExpression> Items) : GrammarExpression;

/// <summary>One of the items.</summary>
internal sealed record ChoiceExpression(ImmutableArray<GrammarExpression> Items) : GrammarExpression;

/// <summary>The body, between <paramref name="Min"/> and <paramref name="Max"/> times (null: without end).</summary>
internal sealed record RepeatExpression(GrammarExpression Body, int Min, int? Max) : GrammarExpression;

/// <summary>Whatever the rule matches; the way to recursion.</summary>
internal sealed record RuleExpression(GrammarRule Rule) : GrammarExpression;

/// <summary>
/// Any text that does not hold the marker; it may end anywhere, or the marker may come, and then <paramref name="Then"/>. Control tokens
/// pass as well.
/// </summary>
/// <param name="Markers">Each not empty; none begins with another.</param>
/// <param name="Tokens">Tokens that are markers by themselves.</param>
/// <param name="Then">What must follow a marker that is text.</param>
/// <param name="ThenToken">What must follow a token that is a marker.</param>
/// <param name="OnlyFirst">Whether <paramref name="Markers"/> count only as the first thing of the text, after white space.</param>
internal sealed record FreeTextExpression(
    ImmutableArray<ImmutableArray<byte>> Markers, ImmutableArray<int> Tokens, GrammarExpression Then, GrammarExpression ThenToken, bool OnlyFirst)
    : GrammarExpression;

/// <summary>A named part of a grammar that may hold itself.</summary>
/// <param name="name">For messages.</param>
/// <param name="nests">Whether each use counts as one level of nesting, of which an output has a bounded number.</param>
internal sealed class GrammarRule(string name, bool nests)
{
    public string Name => name;

    public bool Nests => nests;

    /// <summary>What the rule matches; set once, before the grammar is compiled.</summary>
    public GrammarExpression? Body { get; set; }
}
