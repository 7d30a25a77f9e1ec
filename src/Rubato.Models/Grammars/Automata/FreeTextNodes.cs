using System.Collections.Immutable;
using Rubato.Models.Grammars.Expressions;

namespace Rubato.Models.Grammars.Automata;

/// <summary>The nodes of free text: one for each way that markers may have begun (Aho and Corasick's automaton, written out).</summary>
internal static class FreeTextNodes
{
    private const string WhiteSpace = " \n\r\t";

    public static int Emit(FreeTextExpression free, int next, Func<GrammarExpression, int, int> emit, Func<GrammarNode, int> add)
    {
        var then = emit(free.Then, next);
        var thenToken = emit(free.ThenToken, next);
        var prefixes = Prefixes(free.Markers);
        var heads = new Dictionary<string, GrammarNode>(StringComparer.Ordinal);
        var indices = new Dictionary<string, int>(StringComparer.Ordinal);

        // Once text has begun, markers that count only as the first thing cannot come any more: "plain" is that place.
        const string Plain = "\0plain";
        string[] places = free.OnlyFirst ? [.. prefixes, Plain] : [.. prefixes];
        foreach (var place in places)
        {
            heads[place] = new GrammarNode { Kind = GrammarNodeKind.Split };
            indices[place] = add(heads[place]);
        }

        foreach (var place in places)
        {
            var wait = new GrammarNode
            {
                Kind = GrammarNodeKind.Wait,
                IsFree = true,
                Next = indices[place],
                Bytes = Edges(place),
                Tokens = [.. free.Tokens.Select(token => new TokenEdge(token, thenToken))],
            };
            heads[place].Targets = [add(wait), next];
        }

        return indices[""];

        ByteEdge[] Edges(string place) => [.. Enumerable.Range(0, 256).Select(unit => (Unit: (byte)unit, Next: Target(place, (char)unit)))
            .Aggregate(new List<ByteEdge>(), Append)];

        int Target(string place, char unit)
        {
            if (place == Plain)
            {
                return indices[Plain];
            }

            var read = place + unit;
            if (free.OnlyFirst)
            {
                return IsMarker(read) ? then
                    : indices.TryGetValue(read, out var longer) ? longer
                    : indices[place.Length == 0 && WhiteSpace.Contains(unit, StringComparison.Ordinal) ? "" : Plain];
            }

            // The longest end of what was read that begins a marker.
            for (; read.Length > 0; read = read[1..])
            {
                if (IsMarker(read))
                {
                    return then;
                }

                if (indices.TryGetValue(read, out var longer))
                {
                    return longer;
                }
            }

            return indices[""];
        }

        bool IsMarker(string text) => free.Markers.Any(marker => Latin(marker) == text);
    }

    private static List<ByteEdge> Append(List<ByteEdge> edges, (byte Unit, int Next) one)
    {
        if (edges.Count > 0 && edges[^1].Next == one.Next)
        {
            edges[^1] = edges[^1] with { High = one.Unit };
        }
        else
        {
            edges.Add(new(one.Unit, one.Unit, one.Next));
        }

        return edges;
    }

    /// <summary>All beginnings of markers but the markers themselves, the empty one first.</summary>
    private static string[] Prefixes(ImmutableArray<ImmutableArray<byte>> markers) =>
        [.. markers.SelectMany(marker => Enumerable.Range(0, marker.Length).Select(length => Latin(marker)[..length])).Prepend("").Distinct()];

    private static string Latin(ImmutableArray<byte> bytes) => string.Concat(bytes.Select(unit => (char)unit));
}
