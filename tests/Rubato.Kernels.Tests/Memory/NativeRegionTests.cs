using System.Runtime.CompilerServices;
using Rubato.Kernels.Memory;

namespace Rubato.Kernels.Tests.Memory;

public class NativeRegionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData((4 << 20) + 1)]
    public void Region_AnyLength_IsZeroAlignedAndBounded(long length)
    {
        using var region = new NativeRegion(length);
        Assert.Equal(0, Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref region.Slice(0, 1)[0]) % NativeRegion.Alignment);
        Assert.Equal(-1, region.Slice(0, (int)length).IndexOfAnyExcept((byte)0));
        Assert.Throws<ArgumentOutOfRangeException>(() => { region.Slice(1, (int)length); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { region.Slice(-1, 1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { region.Memory(length, 1); });
        region.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { region.Slice(0, 1); });
    }

    /// <summary>Longer than a memory can be; pages that nobody touches cost nothing.</summary>
    [Fact]
    public void Memory_AcrossWindows_IsTheSameBytes()
    {
        const long Gibibyte = 1 << 30;
        using var region = new NativeRegion((3 * Gibibyte) + 10);
        foreach (var offset in new[] { 0, Gibibyte - 5, Gibibyte, (2 * Gibibyte) - 5, (3 * Gibibyte) - 5, 3 * Gibibyte })
        {
            var memory = region.Memory(offset, 10);
            memory.Span.Fill((byte)(offset % 251));
            Assert.Equal(0, memory.Span.CommonPrefixLength(region.Slice(offset, 10)) - 10);
            Assert.True(memory.Span.Overlaps(region.Slice(offset + 9, 1)));
        }

        Assert.Equal(1 << 30, region.Memory(Gibibyte + 7, 1 << 30).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => { region.Memory(0, (1 << 30) + 1); });
    }
}
