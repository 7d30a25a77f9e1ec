using System.Collections.Immutable;

namespace Rubato.Models.Grammars.Expressions;

/// <summary>A choice between many texts, written so that shared beginnings are followed once.</summary>
internal static class LiteralTree
{
    public static GrammarExpression Of(IEnumerable<ImmutableArray<byte>> literals)
    {
        ImmutableArray<byte>[] sorted = [.. literals];
        Array.Sort(sorted, (a, b) => a.AsSpan().SequenceCompareTo(b.AsSpan()));
        return sorted.Length == 0 ? GrammarExpression.Never : Of(sorted, 0);
    }

    /// <summary>Texts that agree up to <paramref name="from"/>, from there on.</summary>
    private static GrammarExpression Of(ReadOnlySpan<ImmutableArray<byte>> sorted, int from)
    {
        // Of sorted texts the first and the last share the least.
        var first = sorted[0].AsSpan(from..);
        var shared = first.CommonPrefixLength(sorted[^1].AsSpan(from..));
        var start = GrammarExpression.Literal(first[..shared]);
        if (sorted[0].AsSpan().SequenceEqual(sorted[^1].AsSpan()))
        {
            return start;
        }

        var items = new List<GrammarExpression>();
        var at = from + shared;
        for (var i = 0; i < sorted.Length;)
        {
            var end = i + 1;
            while (end < sorted.Length && sorted[i].Length > at && sorted[end][at] == sorted[i][at])
            {
                end++;
            }

            items.Add(sorted[i].Length == at ? GrammarExpression.Empty : Of(sorted[i..end], at));
            i = end;
        }

        return GrammarExpression.Sequence(start, GrammarExpression.Choice([.. items]));
    }
}
