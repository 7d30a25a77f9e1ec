using System.Numerics;

namespace Rubato.Serving.Memory.Arenas;

/// <summary>A set of block numbers that answers "the nearest at or below" and "the first": bits, above them a bit for each word that is not empty, and so on.</summary>
/// <remarks>Source of the shape: van Emde Boas, "Preserving order in a forest in less than logarithmic time", 1975, with fixed words of 64.</remarks>
internal sealed class BlockBitmap
{
    private const int WordShift = 6;
    private const int InWord = (1 << WordShift) - 1;
    private readonly PagedArray<ulong>[] _levels;

    /// <param name="length">How many block numbers there are, from 0; at least 1.</param>
    public BlockBitmap(int length)
    {
        var levels = new List<PagedArray<ulong>>();
        do
        {
            length = ((length - 1) >> WordShift) + 1;
            levels.Add(new(length));
        }
        while (length > 1);
        _levels = [.. levels];
    }

    public bool IsEmpty => _levels[^1][0] == 0;

    public bool Contains(int block) => (_levels[0][block >> WordShift] & Bit(block)) != 0;

    public void Set(int block)
    {
        foreach (var words in _levels)
        {
            ref var word = ref words[block >> WordShift];
            var wasEmpty = word == 0;
            word |= Bit(block);
            if (!wasEmpty)
            {
                return;
            }

            block >>= WordShift;
        }
    }

    public void Clear(int block)
    {
        foreach (var words in _levels)
        {
            ref var word = ref words[block >> WordShift];
            word &= ~Bit(block);
            if (word != 0)
            {
                return;
            }

            block >>= WordShift;
        }
    }

    /// <summary>The largest number in the set that is at most <paramref name="block"/>; −1 when there is none.</summary>
    public int Floor(int block)
    {
        for (var level = 0; level < _levels.Length && block >= 0; level++)
        {
            var word = _levels[level][block >> WordShift] & (ulong.MaxValue >> (InWord - (block & InWord)));
            if (word != 0)
            {
                var found = (block & ~InWord) | BitOperations.Log2(word);
                while (level-- > 0)
                {
                    found = (found << WordShift) | BitOperations.Log2(_levels[level][found]);
                }

                return found;
            }

            block = (block >> WordShift) - 1;
        }

        return -1;
    }

    /// <summary>The smallest number of a set that is not empty.</summary>
    public int First()
    {
        var found = 0;
        for (var level = _levels.Length - 1; level >= 0; level--)
        {
            found = (found << WordShift) | BitOperations.TrailingZeroCount(_levels[level][found]);
        }

        return found;
    }

    private static ulong Bit(int block) => 1UL << (block & InWord);
}
