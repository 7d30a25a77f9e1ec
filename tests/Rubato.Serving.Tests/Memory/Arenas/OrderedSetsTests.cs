using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Tests.Memory.Arenas;

/// <summary>Both ordered sets against the library's.</summary>
public sealed class OrderedSetsTests
{
    [Fact]
    public void OrderedKeys_AnswerAsASortedSet()
    {
        var prng = new Prng(1);
        var keys = new OrderedKeys();
        var expected = new SortedSet<ulong>();
        for (var step = 0; step < FuzzScale.Times(20_000); step++)
        {
            var key = prng.NextBelow(200) << 30;
            if (expected.Add(key))
            {
                keys.Add(key);
            }
            else if (prng.Chance(2, 3))
            {
                expected.Remove(key);
                keys.Remove(key);
            }

            var bound = prng.NextBelow(201UL << 30);
            Assert.Equal(expected.Count > 0 ? expected.Max : null, keys.TryMax(out var most) ? most : (ulong?)null);
            Assert.Equal(expected.Max < bound ? null : expected.GetViewBetween(bound, ulong.MaxValue).Min, keys.TryCeiling(bound, out var least) ? least : (ulong?)null);
        }

        Assert.Throws<InvariantViolationException>(() => keys.Remove(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(5000)]
    [InlineData(1 << 18)]
    public void ABitmap_AnswersAsASortedSet(int length)
    {
        var prng = new Prng((ulong)length);
        var bitmap = new BlockBitmap(length);
        var expected = new SortedSet<int>();
        for (var step = 0; step < FuzzScale.Times(5000); step++)
        {
            var block = prng.NextInt32(length);
            if (prng.Chance(1, 2))
            {
                expected.Add(block);
                bitmap.Set(block);
            }
            else
            {
                block = expected.Count > 0 && prng.Chance(1, 2) ? expected.Max : block;
                expected.Remove(block);
                bitmap.Clear(block);
            }

            var probe = prng.NextInt32(length);
            Assert.Equal(expected.Contains(probe), bitmap.Contains(probe));
            Assert.Equal(expected.Count == 0, bitmap.IsEmpty);
            var below = expected.Count > 0 && expected.Min <= probe ? expected.GetViewBetween(0, probe).Max : -1;
            Assert.Equal(below, bitmap.Floor(probe));
            if (expected.Count > 0)
            {
                Assert.Equal(expected.Min, bitmap.First());
            }
        }
    }
}
