namespace Rubato.Models.Grammars.Masks;

/// <summary>The texts of tokens as one tree, laid out in the order in which a walk visits it. Immutable.</summary>
internal sealed class TokenTree
{
    private readonly TokenTreeNode[] _nodes;
    private readonly int[] _tokens;

    private TokenTree(TokenTreeNode[] nodes, int[] tokens)
    {
        _nodes = nodes;
        _tokens = tokens;
    }

    /// <summary>Number of nodes, the root not counted.</summary>
    public int Count => _nodes.Length;

    public ref readonly TokenTreeNode this[int node] => ref _nodes[node];

    /// <summary>The tokens whose text is that of the node.</summary>
    public ReadOnlySpan<int> TokensAt(int node) =>
        _tokens.AsSpan(_nodes[node].FirstToken..(node + 1 < _nodes.Length ? _nodes[node + 1].FirstToken : _tokens.Length));

    /// <param name="texts">Texts in order of their bytes, none empty.</param>
    public static TokenTree Of(List<(byte[] Bytes, int Token)> texts)
    {
        var nodes = new List<TokenTreeNode>();
        var path = new List<int>();
        byte[] previous = [];
        for (var i = 0; i < texts.Count; i++)
        {
            var bytes = texts[i].Bytes;
            var shared = bytes.AsSpan().CommonPrefixLength(previous);
            Close(path, shared, nodes);
            for (var at = shared; at < bytes.Length; at++)
            {
                path.Add(nodes.Count);
                nodes.Add(new(0, i, (short)(at + 1), bytes[at]));
            }

            previous = bytes;
        }

        Close(path, 0, nodes);
        return new([.. nodes], [.. texts.Select(text => text.Token)]);
    }

    /// <summary>The tree of some of its tokens.</summary>
    /// <param name="keeps">Whether the tokens of a node stay.</param>
    /// <param name="next">From each node on, the first that stays or leads to one that stays.</param>
    public TokenTree Where(bool[] keeps, int[] next)
    {
        var (nodes, tokens, path) = (new List<TokenTreeNode>(), new List<int>(), new List<int>());
        for (var node = next[0]; node < Count; node = next[node + 1])
        {
            Close(path, _nodes[node].Depth - 1, nodes);
            path.Add(nodes.Count);
            nodes.Add(_nodes[node] with { FirstToken = tokens.Count });
            tokens.AddRange(keeps[node] ? TokensAt(node) : []);
        }

        Close(path, 0, nodes);
        return new([.. nodes], [.. tokens]);
    }

    private static void Close(List<int> path, int length, List<TokenTreeNode> nodes)
    {
        while (path.Count > length)
        {
            nodes[path[^1]] = nodes[path[^1]] with { End = nodes.Count };
            path.RemoveAt(path.Count - 1);
        }
    }
}

/// <summary>One node of a <see cref="TokenTree"/>.</summary>
/// <param name="End">The first node after this one that is not below it.</param>
/// <param name="FirstToken">Where its tokens begin; those of the next node end them.</param>
/// <param name="Depth">The length of its text, from 1.</param>
/// <param name="Label">The byte that leads to it from its parent.</param>
internal readonly record struct TokenTreeNode(int End, int FirstToken, short Depth, byte Label);
