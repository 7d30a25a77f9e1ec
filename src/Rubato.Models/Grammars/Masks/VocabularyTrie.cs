using Rubato.Models.Tokenizers;

namespace Rubato.Models.Grammars.Masks;

/// <summary>A vocabulary as masks look at it: the texts of its tokens as one tree, and the tokens that stand for none. Safe to share.</summary>
internal sealed class VocabularyTrie
{
    private const int SlicesMax = 8;

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
        Tree = TokenTree.Of(texts);
    }

    public int VocabularySize { get; }

    /// <summary>Bytes of the longest token.</summary>
    public int LongestToken { get; }

    /// <summary>Tokens that stand for no text.</summary>
    public int[] ControlTokens { get; }

    /// <summary>Tokens that end a generation.</summary>
    public int[] StopTokens { get; }

    /// <summary>The tokens that stand for text.</summary>
    public TokenTree Tree { get; }

    /// <summary>The tokens of certain characters. The few sets that are asked for are kept.</summary>
    public PlainTextSlice Slice(PlainCharacters set)
    {
        lock (_lock)
        {
            if (!_slices.TryGetValue(set, out var slice))
            {
                slice = new PlainTextSlice(Tree, VocabularySize, set);
                if (_slices.Count < SlicesMax)
                {
                    _slices.Add(set, slice);
                }
            }

            return slice;
        }
    }
}
