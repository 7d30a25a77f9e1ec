using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Kernels.Memory;

namespace Rubato.Kernels.Tests.Memory;

public sealed class MemoryTests
{
    [Fact]
    public void Slices_agree_with_those_of_an_array_and_stop_at_the_bounds()
    {
        var bytes = Enumerable.Range(0, 100).Select(i => (byte)i).ToArray();
        using var pinned = new PinnedBytes(bytes);
        var prng = new Prng(1);
        long[] edges = [long.MinValue, -1, 0, 1, 50, 99, 100, 101, int.MaxValue, long.MaxValue];
        for (var run = 0; run < 2_000; run++)
        {
            var offset = prng.Chance(1, 4) ? edges[prng.NextInt32(edges.Length)] : prng.NextInt32(110);
            var length = prng.Chance(1, 4) ? edges[prng.NextInt32(edges.Length)] : prng.NextInt32(110);
            if (offset >= 0 && length >= 0 && length <= 100 && offset <= 100 - length)
            {
                var expected = bytes.AsSpan((int)offset, (int)length).ToArray();
                Assert.Equal(expected, pinned.Region.Slice(offset, (int)length).ToArray());
                Assert.Equal(expected, pinned.Region.Slice(offset, length).AsSpan<byte>().ToArray());
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => pinned.Region.Slice(offset, length));
                Assert.Throws<ArgumentOutOfRangeException>(() => pinned.Region.Slice(offset, (int)Math.Clamp(length, -1, int.MaxValue)));
            }
        }
    }

    [Fact]
    public void A_region_is_a_span_of_wider_values_only_when_they_fit()
    {
        using var pinned = new PinnedBytes([0, 0, 128, 63, 0, 0, 0, 64]);
        Assert.Equal([1f, 2f], pinned.Region.AsSpan<float>().ToArray());
        Assert.Throws<InvalidOperationException>(() => pinned.Region.Slice(1, 7L).AsSpan<float>().Length);
        Assert.True(default(MemoryRegion).AsSpan<double>().IsEmpty);
    }

    [Fact]
    public void A_mapped_file_shows_the_bytes_of_the_file_even_after_it_is_replaced()
    {
        var folder = Directory.CreateTempSubdirectory("rubato-test-").FullName;
        try
        {
            var path = Path.Combine(folder, "file");
            foreach (var length in new[] { 0, 1, 4095, 4096, 100_000 })
            {
                var content = Enumerable.Range(0, length).Select(i => unchecked((byte)(i * 7))).ToArray();
                File.WriteAllBytes(path, content);
                using var file = MappedFile.Open(path);
                File.WriteAllText(path + "2", "new");
                File.Move(path + "2", path, overwrite: true);
                Assert.Equal(content, file.Region.AsSpan<byte>().ToArray());
            }

            var closed = MappedFile.Open(path);
            closed.Dispose();
            closed.Dispose();
            Assert.Throws<ObjectDisposedException>(() => closed.Region.Length);
            var missing = Assert.Throws<RubatoException>(() => MappedFile.Open(path + "3"));
            Assert.EndsWith("no such file.", missing.Message, StringComparison.Ordinal);
            Assert.Contains("is a folder", Assert.Throws<RubatoException>(() => MappedFile.Open(folder)).Message, StringComparison.Ordinal);
            Assert.True(NativeFolder.Flush(folder));
            Assert.Equal(!OperatingSystem.IsLinux(), NativeFolder.Flush(path + "3"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Aligned_buffers_start_as_zeros_at_a_cache_line_and_are_checked()
    {
        for (var length = 0L; length < 200; length++)
        {
            using var buffer = new AlignedBuffer<float>(length);
            Assert.Equal(length, buffer.Length);
            var address = Unsafe.ByteOffset(ref Unsafe.NullRef<float>(), ref MemoryMarshal.GetReference(buffer.Span));
            Assert.Equal(0, address % AlignedBuffer<float>.Alignment);
            Assert.Equal(-1, buffer.Span.IndexOfAnyExcept(0f));
            buffer.Span.Fill(3);
            Assert.Equal(length * 4, buffer.AsRegion().Length);
            Assert.Equal(-1, buffer.AsRegion().AsSpan<float>().IndexOfAnyExcept(3f));
            Assert.Equal(length, buffer.Slice(0, (int)length).Length);
            Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(1, (int)length).Length);
            Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(-1, 1).Length);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedBuffer<float>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedBuffer<float>(long.MaxValue / 4));
        var freed = new AlignedBuffer<int>(4);
        freed.Dispose();
        freed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => freed.Span.Length);
    }
}
