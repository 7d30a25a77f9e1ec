namespace Rubato.Models.Grammars.Masks;

/// <summary>
/// The tokens of a vocabulary that are plain text: whole characters, none of them a control character, a quote, a backslash, or one of
/// those left out by name. Strings and free text allow nearly all of these at once, so nobody need walk through them one by one. Immutable.
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

    /// <param name="trie">The vocabulary.</param>
    /// <param name="leftOut">ASCII characters that do not count as plain text.</param>
    public PlainTextSlice(VocabularyTrie trie, PlainCharacters leftOut)
    {
        _characters = CharactersOf(trie, leftOut);
        _first = new int[trie.Nodes + 1];
        var (tokens, lengths) = (new List<int>(), new List<byte>());
        var outside = new bool[trie.Nodes];
        for (var node = 0; node < trie.Nodes; node++)
        {
            _first[node] = tokens.Count;
            var here = trie.TokensAt(node);
            outside[node] = _characters[node] < 0 && here.Length > 0;
            foreach (var token in _characters[node] < 0 ? [] : here)
            {
                tokens.Add(token);
                lengths.Add((byte)_characters[node]);
            }
        }

        _first[trie.Nodes] = tokens.Count;
        (_tokens, _lengths) = ([.. tokens], [.. lengths]);
        _nextOutside = NextOutside(trie, outside);
        _upTo = UpToEachLength(trie.VocabularySize);
    }

    /// <summary>How many plain characters the text of a node has; negative when it is not plain text or ends inside a character.</summary>
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

    private static sbyte[] CharactersOf(VocabularyTrie trie, PlainCharacters leftOut)
    {
        var path = new (int Characters, Utf8Progress Progress)[trie.LongestToken + 1];
        path[0] = (0, Utf8Progress.Between);
        var characters = new sbyte[trie.Nodes];
        for (var node = 0; node < trie.Nodes; node++)
        {
            var depth = trie.Depth(node);
            var (before, progress) = path[depth - 1];
            var label = trie.Label(node);
            var isPlain = before >= 0 && (label > 0x7F || PlainCharacters.Json.Contains(label)) && !leftOut.Contains(label) && progress.TryRead(label, out progress);
            var count = isPlain ? before + (progress.IsBetween ? 1 : 0) : -1;
            count = count > CharactersMax ? -1 : count;
            path[depth] = (count, progress);
            characters[node] = (sbyte)(progress.IsBetween ? count : -1);
        }

        return characters;
    }

    private static int[] NextOutside(VocabularyTrie trie, bool[] outside)
    {
        var before = new int[trie.Nodes + 1];
        for (var node = 0; node < trie.Nodes; node++)
        {
            before[node + 1] = before[node] + (outside[node] ? 1 : 0);
        }

        var next = new int[trie.Nodes + 1];
        next[trie.Nodes] = trie.Nodes;
        for (var node = trie.Nodes - 1; node >= 0; node--)
        {
            next[node] = before[trie.End(node)] > before[node] ? node : next[node + 1];
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
