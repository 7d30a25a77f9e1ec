using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Rubato.Core;

namespace Rubato.Models.HuggingFace.Tokenization;

/// <summary>Reads the fields of one message in the wire form of protocol buffers, in the order of the bytes; nothing is allocated.</summary>
/// <remarks>Source: the encoding's published description. Groups, which no file of our kind has, are refused.</remarks>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string source)
{
    private const int Variable = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;
    private const int VariableBytesMax = 10;

    private ReadOnlySpan<byte> _rest = message;
    private int _wire;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="InvalidFormatException">The bytes are no message.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var key = ReadVariable();
        (Field, _wire) = ((int)Math.Min(key >> 3, int.MaxValue), (int)(key & 7));
        if (Field is 0 or int.MaxValue)
        {
            throw Broken($"has the field number {key >> 3}");
        }

        switch (_wire)
        {
            case Variable:
                _number = ReadVariable();
                break;
            case Fixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case Delimited:
                _bytes = Take(ReadVariable());
                break;
            case Fixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw Broken($"has a field of the wire type {_wire}");
        }

        return true;
    }

    /// <summary>The bytes of the field: a message or a string.</summary>
    public readonly ReadOnlySpan<byte> Bytes() => _wire == Delimited ? _bytes : throw Wrong();

    /// <summary>The field as text.</summary>
    public readonly string Text() => Utf8.IsValid(Bytes()) ? Encoding.UTF8.GetString(_bytes) : throw Broken($"has text in field {Field} that is not valid UTF-8");

    /// <summary>The field as a whole number.</summary>
    public readonly int Int32() => _wire == Variable && unchecked((long)_number) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : throw Wrong();

    /// <summary>The field as a truth value.</summary>
    public readonly bool Boolean() => _wire == Variable ? _number != 0 : throw Wrong();

    /// <summary>The field as a number of single precision.</summary>
    public readonly float Single() => _wire == Fixed32 ? BitConverter.UInt32BitsToSingle((uint)_number) : throw Wrong();

    private readonly InvalidFormatException Wrong() => Broken($"has the wire type {_wire} in field {Field}, which holds something else");

    private readonly InvalidFormatException Broken(string fault) => new($"{source}: not a SentencePiece model, or damaged: it {fault}.");

    private ulong ReadVariable()
    {
        var value = 0UL;
        for (var i = 0; i < VariableBytesMax; i++)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken($"has a number of more than {VariableBytesMax} bytes");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw Broken("ends in the middle of a field");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
