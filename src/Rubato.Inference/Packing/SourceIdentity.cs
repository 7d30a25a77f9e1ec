using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Rubato.Kernels.Panels;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Packing;

/// <summary>
/// What tells a model file, and the panels made from it, from others: layout of the panels, length and time of the file, its head, and 4 KiB
/// out of every tensor.
/// </summary>
internal static class SourceIdentity
{
    private const int SampleBytes = 4096;

    /// <summary>16 bytes.</summary>
    public static byte[] Of(GgufFile file)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(PackedWeights.LayoutName));
        AppendNumber(hash, file.ByteLength);
        AppendNumber(hash, File.Exists(file.Name) ? File.GetLastWriteTimeUtc(file.Name).Ticks : 0);
        foreach (var tensor in file.Tensors)
        {
            hash.Append(Encoding.UTF8.GetBytes(tensor.ToString()));
            var data = file.Data(tensor);
            var length = (int)Math.Min(SampleBytes, data.Length);
            hash.Append(data.Slice((data.Length - length) / 2, length));
        }

        return hash.GetHashAndReset();
    }

    private static void AppendNumber(XxHash128 hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.Append(bytes);
    }
}
