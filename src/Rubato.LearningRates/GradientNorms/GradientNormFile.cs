using System.Buffers.Binary;
using System.Text;
using Rubato.Core;

namespace Rubato.LearningRates.GradientNorms;

/// <summary>Gradient norms in binary: 16 bytes (magic RBGN, version 1, count of pairs as int64), then float32 pairs ℓ1, ℓ2; little-endian.</summary>
public static class GradientNormFile
{
    private const int HeaderBytes = 16;
    private const int PairBytes = 8;
    private const int Version = 1;

    private static ReadOnlySpan<byte> Magic => "RBGN"u8;

    /// <summary>Whether a file that begins with <paramref name="start"/> is one of these.</summary>
    public static bool Matches(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    /// <summary>Writes <paramref name="norms"/>, rounded to float32.</summary>
    public static void Write(Stream stream, GradientNormSequence norms)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(norms);
        Span<byte> header = stackalloc byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], norms.Count);
        stream.Write(header);
        Span<byte> pair = stackalloc byte[PairBytes];
        for (var i = 0; i < norms.Count; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(pair, (float)norms.L1[i]);
            BinaryPrimitives.WriteSingleLittleEndian(pair[4..], (float)norms.L2[i]);
            stream.Write(pair);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidFormatException">The bytes are something else, another version, or more or fewer than the header says.</exception>
    public static GradientNormSequence Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < HeaderBytes || !Matches(bytes))
        {
            throw new InvalidFormatException($"{name}: does not begin with the header of a gradient-norm file ({Encoding.ASCII.GetString(Magic)}, {HeaderBytes} bytes).");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        var count = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        var pairs = bytes[HeaderBytes..];
        if (version != Version)
        {
            throw new InvalidFormatException($"{name}: has version {version} of the gradient-norm format; this program reads version {Version}.");
        }

        if (pairs.Length % PairBytes != 0 || count != pairs.Length / PairBytes)
        {
            throw new InvalidFormatException($"{name}: announces {count} pairs of norms but holds {pairs.Length} bytes, {PairBytes} a pair.");
        }

        var (l1, l2) = (new double[count], new double[count]);
        for (var i = 0; i < l1.Length; i++)
        {
            l1[i] = BinaryPrimitives.ReadSingleLittleEndian(pairs[(i * PairBytes)..]);
            l2[i] = BinaryPrimitives.ReadSingleLittleEndian(pairs[(i * PairBytes + 4)..]);
        }

        return new(l1, l2);
    }
}
