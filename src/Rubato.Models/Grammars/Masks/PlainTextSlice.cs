namespace Rubato.Models.Grammars.Masks;

/// <summary>
/// The tokens of a vocabulary that consist of whole characters of one set. Strings, words and free text allow all of these at once, so
/// nobody need walk through them one by one. Immutable.
/// </summary>
internal sealed class PlainTextSlice
{
    /// <summary>Longer tokens are left to the walk.</summary>
    public const int CharactersMax = 32;

    private readonly sbyte[] _characters;
    private readonly int[] _nextOutside;
    private readonly int[] _first;
    private readonly int[] _tokens;
    private readonly byte[] _lengths;
    private readonly TokenMask[] _upTo;

    /// <param name="tree">The vocabulary.</param>
    /// <param name="vocabularySize">Number of tokens.</param>
    /// <param name="set">The characters.</param>
    public PlainTextSlice(TokenTree tree, int vocabularySize, PlainCharacters set)
    {
        _characters = CharactersOf(tree, set);
        _first = new int[tree.Count + 1];
        var (tokens, lengths) = (new List<int>(), new List<byte>());
        var outside = new bool[tree.Count];
        for (var node = 0; node < tree.Count; node++)
        {
            _first[node] = tokens.Count;
            var here = tree.TokensAt(node);
            outside[node] = _characters[node] < 0 && here.Length > 0;
            foreach (var token in _characters[node] < 0 ? [] : here)
            {
                tokens.Add(token);
                lengths.Add((byte)_characters[node]);
            }
        }

        _first[tree.Count] = tokens.Count;
        (_tokens, _lengths) = ([.. tokens], [.. lengths]);
        _nextOutside = NextOutside(tree, outside);
        Outside = tree.Where(outside, _nextOutside);
        _upTo = UpToEachLength(vocabularySize);
    }

    /// <summary>The tokens outside the slice.</summary>
    public TokenTree Outside { get; }

    /// <summary>How many characters the text of a node has; negative when one is not in the set, or when it ends inside a character.</summary>
    public int Characters(int node) => _characters[node];

    /// <summary>The first node from <paramref name="node"/> on that leads to a token outside the slice.</summary>
    public int NextOutsideFrom(int node) => _nextOutside[node];

    /// <summary>The tokens of at most so many characters.</summary>
    public TokenMask UpTo(int characters) => _upTo[Math.Min(characters, CharactersMax)];

    /// <summary>Adds the tokens of the slice that go on from the text of a node with at most so many characters.</summary>
    public void AddBelow(int node, int end, int characters, TokenMask mask)
    {
        var longest = _characters[node] + characters;
        for (var i = _first[node]; i < _first[end]; i++)
        {
            if (_lengths[i] <= longest)
            {
                mask.Add(_tokens[i]);
            }
        }
    }

    private static sbyte[] CharactersOf(TokenTree tree, PlainCharacters set)
    {
        var path = new List<(int Characters, Utf8Progress Progress)> { (0, Utf8Progress.Between) };
        var characters = new sbyte[tree.Count];
        for (var node = 0; node < tree.Count; node++)
        {
            var depth = tree[node].Depth;
            var (before, progress) = path[depth - 1];
            var label = tree[node].Label;
            var isPlain = before >= 0 && (label > 0x7F ? set.HasLong : set.Contains(label)) && progress.TryRead(label, out progress);
            var count = isPlain ? before + (progress.IsBetween ? 1 : 0) : -1;
            count = count > CharactersMax ? -1 : count;
            path.RemoveRange(depth, path.Count - depth);
            path.Add((count, progress));
            characters[node] = (sbyte)(progress.IsBetween ? count : -1);
        }

        return characters;
    }

    private static int[] NextOutside(TokenTree tree, bool[] outside)
    {
        var before = new int[tree.Count + 1];
        for (var node = 0; node < tree.Count; node++)
        {
            before[node + 1] = before[node] + (outside[node] ? 1 : 0);
        }

        var next = new int[tree.Count + 1];
        next[tree.Count] = tree.Count;
        for (var node = tree.Count - 1; node >= 0; node--)
        {
            next[node] = before[tree[node].End] > before[node] ? node : next[node + 1];
        }

        return next;
    }

    private TokenMask[] UpToEachLength(int vocabularySize)
    {
        var masks = new TokenMask[CharactersMax + 1];
        for (var length = 0; length <= CharactersMax; length++)
        {
            masks[length] = new TokenMask(vocabularySize);
        }

        for (var i = 0; i < _tokens.Length; i++)
        {
            masks[_lengths[i]].Add(_tokens[i]);
        }

        for (var length = 1; length <= CharactersMax; length++)
        {
            masks[length].Add(masks[length - 1]);
        }

        return masks;
    }
}
