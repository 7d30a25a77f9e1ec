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

    internal void WriteData(Stream stream)
    {
        if (Rows is null)
        {
            for (var at = 0L; at < Bytes.Length; at += ChunkBytes)
            {
                stream.Write(Bytes.Slice(at, (int)Math.Min(ChunkBytes, Bytes.Length - at)));
            }

            return;
        }

        var values = new float[Tensor.RowLength];
        var encoded = new byte[Tensor.Type.RowBytes(Tensor.RowLength)];
        for (var row = 0L; row < Tensor.RowCount; row++)
        {
            Rows(row, values);
            Encode(row, values, encoded);
            stream.Write(encoded);
        }
    }

    private void Encode(long row, float[] values, byte[] encoded)
    {
        try
        {
            GgmlCodec.Encode(Tensor.Type, values, encoded);
        }
        catch (RubatoException e)
        {
            throw new RubatoException($"Tensor {Printable.Quote(Tensor.Name)}, row {row}: {e.Message}", e);
        }
    }
}
