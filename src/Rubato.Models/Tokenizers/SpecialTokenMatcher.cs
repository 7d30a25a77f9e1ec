using System.Buffers;

namespace Rubato.Models.Tokenizers;

/// <summary>Finds the spellings of special tokens in text: the leftmost, and of those that start there the longest.</summary>
internal sealed class SpecialTokenMatcher
{
    private readonly Dictionary<(int Node, char Unit), int> _children = [];
    private readonly List<int> _tokenOfNode = [-1];
    private readonly SearchValues<char> _firstUnits;

    /// <summary>Makes a matcher of spellings, none empty.</summary>
    public SpecialTokenMatcher(IEnumerable<(string Spelling, int Token)> tokens)
    {
        foreach (var (spelling, token) in tokens)
        {
            var node = 0;
            foreach (var unit in spelling)
            {
                if (!_children.TryGetValue((node, unit), out var child))
                {
                    child = _tokenOfNode.Count;
                    _tokenOfNode.Add(-1);
                    _children.Add((node, unit), child);
                }

                node = child;
            }

            if (_tokenOfNode[node] < 0)
            {
                _tokenOfNode[node] = token;
            }
        }

        _firstUnits = SearchValues.Create([.. _children.Keys.Where(key => key.Node == 0).Select(key => key.Unit)]);
    }

    /// <summary>The first special token at or after <paramref name="start"/>; false when there is none.</summary>
    public bool TryFind(ReadOnlySpan<char> text, int start, out int position, out int length, out int token)
    {
        for (position = start; text[position..].IndexOfAny(_firstUnits) is >= 0 and var ahead; position++)
        {
            position += ahead;
            (length, token) = LongestAt(text, position);
            if (length > 0)
            {
                return true;
            }
        }

        (position, length, token) = (text.Length, 0, -1);
        return false;
    }

    private (int Length, int Token) LongestAt(ReadOnlySpan<char> text, int position)
    {
        var node = 0;
        var best = (Length: 0, Token: -1);
        for (var i = position; i < text.Length && _children.TryGetValue((node, text[i]), out node); i++)
        {
            if (_tokenOfNode[node] >= 0)
            {
                best = (i + 1 - position, _tokenOfNode[node]);
            }
        }

        return best;
    }
}
