using Rubato.Models.Tokenizers;

namespace Rubato.Models.Grammars.Masks;

/// <summary>The bytes of all tokens of a vocabulary as one tree, laid out in the order in which a walk visits it. Safe to share.</summary>
internal sealed class VocabularyTrie
{
    private const int SlicesMax = 4;

    private readonly byte[] _labels;
    private readonly short[] _depths;
    private readonly int[] _ends;
    private readonly int[] _firstToken;
    private readonly int[] _tokens;
    private readonly Lock _lock = new();
    private readonly Dictionary<PlainCharacters, PlainTextSlice> _slices = [];

    public VocabularyTrie(ITokenizer tokenizer)
    {
        VocabularySize = tokenizer.VocabularySize;
        StopTokens = [.. tokenizer.StopTokens];
        var control = new List<int>();
        var texts = new List<(byte[] Bytes, int Token)>(VocabularySize);
        for (var token = 0; token < VocabularySize; token++)
        {
            var bytes = tokenizer.TokenBytes(token);
            if (bytes.IsEmpty || tokenizer.IsSpecial(token))
            {
                control.Add(token);
            }
            else if (bytes.Length < short.MaxValue)
            {
                texts.Add((bytes.ToArray(), token));
                LongestToken = Math.Max(LongestToken, bytes.Length);
            }
        }

        ControlTokens = [.. control];
        texts.Sort((a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes) is var order and not 0 ? order : a.Token.CompareTo(b.Token));
        (_labels, _depths, _ends, _firstToken) = Build(texts);
        _tokens = [.. texts.Select(text => text.Token)];
    }

    public int VocabularySize { get; }

    /// <summary>Bytes of the longest token.</summary>
    public int LongestToken { get; }

    /// <summary>Tokens that stand for no text.</summary>
    public int[] ControlTokens { get; }

    /// <summary>Tokens that end a generation.</summary>
    public int[] StopTokens { get; }

    /// <summary>Number of nodes, the root not counted.</summary>
    public int Nodes => _labels.Length;

    /// <summary>The byte that leads to node <paramref name="node"/> from its parent.</summary>
    public byte Label(int node) => _labels[node];

    /// <summary>The length of the text of the node, from 1.</summary>
    public int Depth(int node) => _depths[node];

    /// <summary>The first node after this one that is not below it.</summary>
    public int End(int node) => _ends[node];

    /// <summary>The tokens whose text is that of the node.</summary>
    public ReadOnlySpan<int> TokensAt(int node) => _tokens.AsSpan(_firstToken[node].._firstToken[node + 1]);

    /// <summary>The plain tokens without certain characters. The few kinds that are asked for are kept.</summary>
    public PlainTextSlice Slice(PlainCharacters leftOut)
    {
        lock (_lock)
        {
            if (!_slices.TryGetValue(leftOut, out var slice))
            {
                slice = new PlainTextSlice(this, leftOut);
                if (_slices.Count < SlicesMax)
                {
                    _slices.Add(leftOut, slice);
                }
            }

            return slice;
        }
    }

    private static (byte[] Labels, short[] Depths, int[] Ends, int[] FirstToken) Build(List<(byte[] Bytes, int Token)> texts)
    {
        var (labels, depths, ends, firstToken) = (new List<byte>(), new List<short>(), new List<int>(), new List<int>());
        var path = new List<int>();
        byte[] previous = [];
        for (var i = 0; i < texts.Count; i++)
        {
            var bytes = texts[i].Bytes;
            var shared = bytes.AsSpan().CommonPrefixLength(previous);
            Close(path, shared, labels.Count, ends);
            for (var at = shared; at < bytes.Length; at++)
            {
                path.Add(labels.Count);
                labels.Add(bytes[at]);
                depths.Add((short)(at + 1));
                ends.Add(0);
                firstToken.Add(i);
            }

            previous = bytes;
        }

        Close(path, 0, labels.Count, ends);
        firstToken.Add(texts.Count);
        return ([.. labels], [.. depths], [.. ends], [.. firstToken]);
    }

    private static void Close(List<int> path, int length, int end, List<int> ends)
    {
        while (path.Count > length)
        {
            ends[path[^1]] = end;
            path.RemoveAt(path.Count - 1);
        }
    }
}
