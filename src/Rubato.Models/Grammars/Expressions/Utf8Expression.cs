using Rubato.Models.Grammars.Patterns;

namespace Rubato.Models.Grammars.Expressions;

/// <summary>One character of a set, as the bytes of its UTF-8 form.</summary>
internal static class Utf8Expression
{
    private static readonly int[] LengthEnds = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF];

    public static GrammarExpression Of(CharacterSet set)
    {
        var items = new List<GrammarExpression>();
        foreach (var (low, high) in set.Ranges)
        {
            var from = low;
            foreach (var end in LengthEnds)
            {
                if (from <= high && from <= end)
                {
                    Add(items, from, Math.Min(high, end));
                    from = end + 1;
                }
            }
        }

        return GrammarExpression.Choice([.. items]);
    }

    /// <summary>Cuts a range of one length until its bytes vary independently, then adds it.</summary>
    private static void Add(List<GrammarExpression> items, int low, int high)
    {
        for (var tail = 6; tail <= 18 && low > 0x7F; tail += 6)
        {
            var mask = (1 << tail) - 1;
            if ((low & ~mask) == (high & ~mask))
            {
                continue;
            }

            if ((low & mask) != 0)
            {
                Add(items, low, low | mask);
                Add(items, (low | mask) + 1, high);
                return;
            }

            if ((high & mask) != mask)
            {
                Add(items, low, (high & ~mask) - 1);
                Add(items, high & ~mask, high);
                return;
            }
        }

        Span<byte> first = stackalloc byte[4];
        Span<byte> last = stackalloc byte[4];
        var length = Encode(low, first);
        Encode(high, last);
        var bytes = new GrammarExpression[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = GrammarExpression.Range(first[i], last[i]);
        }

        items.Add(GrammarExpression.Sequence(bytes));
    }

    private static int Encode(int character, Span<byte> bytes) => new System.Text.Rune(character).EncodeToUtf8(bytes);
}
