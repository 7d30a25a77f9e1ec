using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Kernels.Attention;

namespace Rubato.Inference.Tests.Caching;

public class KvCacheTests
{
    [Fact]
    public void BlocksForBudget_AnyBudget_IsTheMostThatFits()
    {
        var configuration = RandomModel.Configuration;
        var bytes = KvCache.EstimateBytesPerBlock(configuration, 16);
        Assert.Equal(2 * 2 * 2 * 16 * 16 * 4, bytes);
        Assert.Equal(bytes, 2 * KvCache.EstimateBytesPerBlock(configuration, 16, KvFormat.F16));

        // Blocks begin at whole pages.
        const long Bytes = 2 * 2 * 2 * 256 * 34;
        Assert.Equal(Bytes, KvCache.EstimateBytesPerBlock(configuration, 256, KvFormat.Q8_0));
        Assert.Equal(2 * 4096, KvCache.EstimateBytesPerBlock(configuration, 16, KvFormat.Q8_0));
        Assert.Equal(7, KvCache.BlocksForBudget(configuration, 256, (7 * Bytes) + 1, KvFormat.Q8_0));
        Assert.Equal(0, KvCache.BlocksForBudget(configuration, 16, bytes - 1));
        Assert.Equal(1, KvCache.BlocksForBudget(configuration, 16, bytes));
        Assert.Equal(9, KvCache.BlocksForBudget(configuration, 16, (10 * bytes) - 1));
        Assert.Equal(int.MaxValue, KvCache.BlocksForBudget(configuration, 1, long.MaxValue));
        using var cache = new KvCache(configuration, 16, 3);
        Assert.Equal((16, 3, bytes, KvFormat.F32), (cache.BlockTokens, cache.Blocks, cache.BytesPerBlock, cache.Format));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1025, 1)]
    [InlineData(16, 0)]
    [InlineData(16, -5)]
    [InlineData(1024, int.MaxValue)]
    public void Constructor_SizeOutOfRange_ThrowsOneClearLine(int blockTokens, int blocks)
    {
        var huge = RandomModel.Configuration with { BlockCount = 1 << 24, KeyValueHeadCount = 1 << 20 };
        var exception = Assert.Throws<InvalidOptionException>(() => new KvCache(huge, blockTokens, blocks));
        Assert.DoesNotContain('\n', exception.Message);
    }
}
