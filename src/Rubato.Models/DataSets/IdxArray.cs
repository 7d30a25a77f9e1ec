using System.Buffers.Binary;
using Rubato.Core;

namespace Rubato.Models.DataSets;

/// <summary>An array of bytes with dimensions, in the IDX format of MNIST and its successors.</summary>
/// <param name="Dimensions">Sizes, the slowest first.</param>
/// <param name="Values">Row-major, as many bytes as the product of the dimensions.</param>
public sealed record IdxArray(IReadOnlyList<int> Dimensions, byte[] Values)
{
    private const byte UnsignedByte = 8;

    /// <summary>Reads the plain content of a file: two zero bytes, the type (only unsigned bytes), the number of dimensions, the sizes big-endian, the values.</summary>
    /// <exception cref="InvalidFormatException">The bytes are something else, or fewer or more than the sizes say.</exception>
    internal static IdxArray Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != UnsignedByte || bytes[3] is 0 or > 8 || bytes.Length < 4 + 4 * bytes[3])
        {
            throw new InvalidFormatException($"{name}: does not begin with the header of an IDX file of bytes.");
        }

        var dimensions = new int[bytes[3]];
        var product = 1L;
        for (var i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(4 + 4 * i)..]);
            product = dimensions[i] >= 0 && product * dimensions[i] <= bytes.Length
                ? product * dimensions[i]
                : throw new InvalidFormatException($"{name}: announces dimension {i + 1} of {dimensions[i]}, more than its {bytes.Length} bytes can hold.");
        }

        var values = bytes[(4 + 4 * dimensions.Length)..];
        return values.Length == product
            ? new(dimensions, values.ToArray())
            : throw new InvalidFormatException($"{name}: announces {product} values but holds {values.Length}.");
    }
}
