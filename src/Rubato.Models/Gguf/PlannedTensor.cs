using Rubato.Core;
using Rubato.Kernels.Memory;

namespace Rubato.Models.Gguf;

/// <summary>A tensor that waits to be written.</summary>
/// <param name="Tensor">Its description; the offset is not known yet.</param>
/// <param name="Rows">Gives its rows, or null when <paramref name="Bytes"/> holds its bytes.</param>
/// <param name="Bytes">Its bytes as they are.</param>
internal sealed record PlannedTensor(GgufTensor Tensor, GgufRowSource? Rows, MemoryRegion Bytes)
{
    private const int ChunkBytes = 1 << 20;

    /// <param name="stream">Where to.</param>
    /// <param name="threads">Threads that encode rows.</param>
    internal void WriteData(Stream stream, int threads)
    {
        if (Rows is null)
        {
            for (var at = 0L; at < Bytes.Length; at += ChunkBytes)
            {
                stream.Write(Bytes.Slice(at, (int)Math.Min(ChunkBytes, Bytes.Length - at)));
            }

            return;
        }

        // Rows are asked for in order, then encoded side by side, because the search for good scales takes most of the time.
        var chunkRows = (int)Math.Clamp(ChunkBytes / sizeof(float) / Tensor.RowLength, 1, Tensor.RowCount);
        var values = new float[chunkRows * Tensor.RowLength];
        var encoded = new byte[chunkRows * Tensor.Type.RowBytes(Tensor.RowLength)];
        for (var first = 0L; first < Tensor.RowCount; first += chunkRows)
        {
            var count = (int)Math.Min(chunkRows, Tensor.RowCount - first);
            for (var row = 0; row < count; row++)
            {
                Rows(first + row, Row(values, row, chunkRows));
            }

            Encode(first, count, values, encoded, chunkRows, threads);
            stream.Write(encoded, 0, encoded.Length / chunkRows * count);
        }
    }

    private static Span<T> Row<T>(T[] rows, int row, int count) => rows.AsSpan(rows.Length / count * row, rows.Length / count);

    private void Encode(long first, int count, float[] values, byte[] encoded, int chunkRows, int threads)
    {
        if (!Tensor.Type.IsQuantized())
        {
            for (var row = 0; row < count; row++)
            {
                GgmlCodec.Encode(Tensor.Type, Row(values, row, chunkRows), Row(encoded, row, chunkRows));
            }

            return;
        }

        var failures = new RubatoException?[count];
        Parallel.For(0, count, new() { MaxDegreeOfParallelism = threads }, row =>
        {
            try
            {
                GgmlCodec.Encode(Tensor.Type, Row(values, row, chunkRows), Row(encoded, row, chunkRows));
            }
            catch (RubatoException e)
            {
                failures[row] = e;
            }
        });
        var failed = Array.FindIndex(failures, failure => failure is not null);
        if (failed >= 0)
        {
            var failure = failures[failed]!;
            throw new RubatoException($"Tensor {Printable.Quote(Tensor.Name)}, row {first + failed}: {failure.Message}", failure);
        }
    }
}
