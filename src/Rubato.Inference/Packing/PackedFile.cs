using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Threading;
using Rubato.Models.Files;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Packing;

/// <summary>
/// A file of panels: a head (magic, identity of the source, length, a checksum for each 8 MiB of panels, a checksum of the head), then, from
/// a multiple of 4,096 bytes on, the panels. Numbers are little-endian.
/// </summary>
internal static class PackedFile
{
    public const ulong Magic = 0x31_4C_45_4E_41_50_42_52; // "RBPANEL1"
    public const string Suffix = ".panels";
    private const int Page = 4096;
    private const int PieceBytes = 8 << 20;
    private const int ChecksumsStart = 40;

    /// <summary>Maps the packed file of a model; makes it first where there is none, or none that is sound.</summary>
    /// <returns>Null when it can be neither read nor written; the user is told why.</returns>
    /// <exception cref="InvalidFormatException">A block of the model has a scale that is not a finite number.</exception>
    public static (MemoryRegion Panels, MappedFile Owner)? OpenOrWrite(GgufFile file, PackingPlan plan, PackingOptions options)
    {
        try
        {
            var identity = SourceIdentity.Of(file);
            var cache = new PackedWeightsCache(options.CacheFolder);
            var path = Path.Combine(cache.Folder, $"{SafeName(file.Name)}-{Convert.ToHexStringLower(identity.AsSpan(0, 8))}{Suffix}");
            var found = TryOpen(path, identity, plan.Bytes, options.Threads) ?? Make(path, cache.Folder, file, plan, identity, options);
            cache.Mark(path);
            file.ReleasePages(); // Those that the identity was taken from, or the weights packed.
            return found;
        }
        catch (RubatoException error) when (error is not InvalidFormatException)
        {
            options.Notice?.Invoke($"packed weights cannot be kept, so they are made in memory now and at each start: {error.Message}");
            return null;
        }
    }

    /// <summary>Makes the file, unless another process does so now: then waits for it.</summary>
    private static (MemoryRegion Panels, MappedFile Owner) Make(string path, string folder, GgufFile file, PackingPlan plan, byte[] identity, PackingOptions options)
    {
        CreateFolder(folder);
        using var claim = PackingClaim.Take(path, () => options.Notice?.Invoke($"another process packs these weights; waiting for it: {path}"));
        if (TryOpen(path, identity, plan.Bytes, options.Threads) is { } found)
        {
            return found;
        }

        _ = new PackedWeightsCache(folder).Remove(PackedWeightsCache.UnusedMax);
        options.Notice?.Invoke($"packing {plan.Bytes / 1e6:F0} MB of weights for this machine's kernels, once: {path}");
        AtomicFile.Write(path, stream => Write(stream, file, plan, identity, options.Threads));
        return TryOpen(path, identity, plan.Bytes, options.Threads)
            ?? throw new RubatoException($"{path}: what was written there cannot be read back.");
    }

    private static (MemoryRegion Panels, MappedFile Owner)? TryOpen(string path, byte[] identity, long bytes, int? threads)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var mapped = MappedFile.Open(path);
        if (IsSound(mapped.Region, identity, bytes, threads))
        {
            return (mapped.Region.Slice(HeadBytes(bytes), bytes), mapped);
        }

        mapped.Dispose();
        return null;
    }

    private static bool IsSound(MemoryRegion content, byte[] identity, long bytes, int? threads)
    {
        var headBytes = HeadBytes(bytes);
        if (content.Length != headBytes + bytes)
        {
            return false;
        }

        var head = content.Slice(0, headBytes);
        if (!head.SequenceEqual(Head(identity, bytes, MemoryMarshal.Cast<byte, ulong>(head.Slice(ChecksumsStart, Pieces(bytes) * sizeof(ulong))))))
        {
            return false;
        }

        var sound = true;
        Parallel.For(0, Pieces(bytes), Degree(threads), piece =>
        {
            var (start, length) = Piece(piece, bytes);
            var expected = BinaryPrimitives.ReadUInt64LittleEndian(content.Slice(ChecksumsStart + (piece * sizeof(ulong)), sizeof(ulong)));
            if (Checksum(content.Slice(headBytes + start, length)) != expected)
            {
                Volatile.Write(ref sound, false);
            }
        });
        return sound;
    }

    private static void Write(Stream stream, GgufFile file, PackingPlan plan, byte[] identity, int? threads)
    {
        using var gang = new WorkerGang(threads);
        var checksums = new ulong[Pieces(plan.Bytes)];
        var piece = new PieceChecksums(checksums);
        var headBytes = HeadBytes(plan.Bytes);
        stream.Write(new byte[headBytes]);
        foreach (var tensor in plan.Tensors)
        {
            using var memory = new AlignedBuffer<byte>(tensor.SliceBytes);
            for (var slice = 0; slice < tensor.Slices; slice++)
            {
                tensor.Pack(file, slice, gang, memory.Span);
                piece.Append(memory.Span);
                stream.Write(memory.Span);
            }
        }

        piece.Finish();
        stream.Seek(0, SeekOrigin.Begin);
        stream.Write(Head(identity, plan.Bytes, checksums));
        stream.Seek(0, SeekOrigin.End);
    }

    private static byte[] Head(byte[] identity, long bytes, ReadOnlySpan<ulong> checksums)
    {
        var head = new byte[HeadBytes(bytes)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Magic);
        identity.CopyTo(head, 8);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(24), bytes);
        var end = ChecksumsStart;
        foreach (var checksum in checksums)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(end), checksum);
            end += sizeof(ulong);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(32), Checksum(head.AsSpan(ChecksumsStart, end - ChecksumsStart)));
        return head;
    }

    private static ulong Checksum(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);

    private static int HeadBytes(long bytes) => (ChecksumsStart + (Pieces(bytes) * sizeof(ulong)) + Page - 1) / Page * Page;

    private static int Pieces(long bytes) => checked((int)(((bytes - 1) / PieceBytes) + 1));

    private static (long Start, int Length) Piece(int piece, long bytes)
    {
        var start = (long)piece * PieceBytes;
        return (start, (int)Math.Min(PieceBytes, bytes - start));
    }

    private static ParallelOptions Degree(int? threads) => new() { MaxDegreeOfParallelism = threads ?? AvailableProcessors.Current.Threads };

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{folder}: cannot be made: {error.Message}", error);
        }
    }

    private static string SafeName(string path) =>
        string.Concat(Path.GetFileNameWithoutExtension(path).Take(64).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));

    /// <summary>Checksums of pieces of a stream that is written in stretches of other lengths.</summary>
    private sealed class PieceChecksums(ulong[] checksums)
    {
        private readonly XxHash3 _hash = new();
        private int _piece;
        private int _filled;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                var length = Math.Min(bytes.Length, PieceBytes - _filled);
                _hash.Append(bytes[..length]);
                bytes = bytes[length..];
                _filled += length;
                if (_filled == PieceBytes)
                {
                    Finish();
                }
            }
        }

        public void Finish()
        {
            if (_filled > 0)
            {
                checksums[_piece++] = _hash.GetCurrentHashAsUInt64();
                _hash.Reset();
                _filled = 0;
            }
        }
    }
}
