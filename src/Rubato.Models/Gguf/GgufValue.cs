using System.Globalization;

namespace Rubato.Models.Gguf;

/// <summary>One metadata value with its type. Converts implicitly from the .NET values that the format can hold.</summary>
public readonly struct GgufValue : IEquatable<GgufValue>
{
    private readonly ulong _bits; // Numbers and booleans: sign-extended integers, or the bits of a float or double.
    private readonly object? _reference; // Strings and arrays.

    private GgufValue(GgufValueType type, ulong bits)
    {
        Type = type;
        _bits = bits;
    }

    private GgufValue(GgufValueType type, object reference)
    {
        Type = type;
        _reference = reference;
    }

    /// <summary>Type of the value.</summary>
    public GgufValueType Type { get; }

    /// <summary>The value as text, null unless it is a string.</summary>
    public string? AsString => _reference as string;

    /// <summary>The value as an array, null unless it is one.</summary>
    public GgufArray? AsArray => _reference as GgufArray;

    /// <summary>The value as a boolean, null unless it is one.</summary>
    public bool? AsBoolean => Type == GgufValueType.Boolean ? _bits != 0 : null;

    /// <summary>The value as an exact integer, null unless it has one of the eight integer types.</summary>
    public Int128? AsInteger => Type switch
    {
        GgufValueType.UInt8 or GgufValueType.UInt16 or GgufValueType.UInt32 or GgufValueType.UInt64 => _bits,
        GgufValueType.Int8 or GgufValueType.Int16 or GgufValueType.Int32 or GgufValueType.Int64 => unchecked((long)_bits),
        _ => null,
    };

    /// <summary>The value as a double (exact for both floating-point types), null unless it has one of them.</summary>
    public double? AsFloat => Type switch
    {
        GgufValueType.Float32 => BitConverter.UInt32BitsToSingle((uint)_bits),
        GgufValueType.Float64 => BitConverter.UInt64BitsToDouble(_bits),
        _ => null,
    };

    /// <summary>The bits of a number or boolean: integers sign-extended to 64 bits.</summary>
    internal ulong Bits => _bits;

    /// <summary>A value of an unsigned 8-bit integer.</summary>
    public static implicit operator GgufValue(byte value) => new(GgufValueType.UInt8, value);

    /// <summary>A value of a signed 8-bit integer.</summary>
    public static implicit operator GgufValue(sbyte value) => new(GgufValueType.Int8, unchecked((ulong)value));

    /// <summary>A value of an unsigned 16-bit integer.</summary>
    public static implicit operator GgufValue(ushort value) => new(GgufValueType.UInt16, value);

    /// <summary>A value of a signed 16-bit integer.</summary>
    public static implicit operator GgufValue(short value) => new(GgufValueType.Int16, unchecked((ulong)value));

    /// <summary>A value of an unsigned 32-bit integer.</summary>
    public static implicit operator GgufValue(uint value) => new(GgufValueType.UInt32, value);

    /// <summary>A value of a signed 32-bit integer.</summary>
    public static implicit operator GgufValue(int value) => new(GgufValueType.Int32, unchecked((ulong)value));

    /// <summary>A value of an unsigned 64-bit integer.</summary>
    public static implicit operator GgufValue(ulong value) => new(GgufValueType.UInt64, value);

    /// <summary>A value of a signed 64-bit integer.</summary>
    public static implicit operator GgufValue(long value) => new(GgufValueType.Int64, unchecked((ulong)value));

    /// <summary>A value of a single.</summary>
    public static implicit operator GgufValue(float value) => new(GgufValueType.Float32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>A value of a double.</summary>
    public static implicit operator GgufValue(double value) => new(GgufValueType.Float64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A value of a boolean.</summary>
    public static implicit operator GgufValue(bool value) => new(GgufValueType.Boolean, value ? 1UL : 0UL);

    /// <summary>A value of a text.</summary>
    public static implicit operator GgufValue(string value) => new(GgufValueType.String, (object)value);

    /// <summary>A value of an array.</summary>
    public static implicit operator GgufValue(GgufArray value) => new(GgufValueType.Array, value);

    /// <summary>Whether two values have the same type and bits.</summary>
    public static bool operator ==(GgufValue a, GgufValue b) => a.Equals(b);

    /// <summary>Whether two values differ in type or bits.</summary>
    public static bool operator !=(GgufValue a, GgufValue b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(GgufValue other) => Type == other.Type && _bits == other._bits && Equals(_reference, other._reference);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GgufValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, _bits, _reference);

    /// <summary>The value for people: numbers in full, text as it is, arrays as their type and length.</summary>
    public override string ToString() => Type switch
    {
        GgufValueType.String => AsString!,
        GgufValueType.Array => $"{AsArray!.ElementType}[{AsArray.Count}]",
        GgufValueType.Boolean => AsBoolean == true ? "true" : "false",
        GgufValueType.Float32 => ((float)AsFloat!.Value).ToString("R", CultureInfo.InvariantCulture),
        GgufValueType.Float64 => AsFloat!.Value.ToString("R", CultureInfo.InvariantCulture),
        _ => AsInteger!.Value.ToString(CultureInfo.InvariantCulture),
    };

    internal static GgufValueType TypeOf<T>() => typeof(T) switch
    {
        var t when t == typeof(byte) => GgufValueType.UInt8,
        var t when t == typeof(sbyte) => GgufValueType.Int8,
        var t when t == typeof(ushort) => GgufValueType.UInt16,
        var t when t == typeof(short) => GgufValueType.Int16,
        var t when t == typeof(uint) => GgufValueType.UInt32,
        var t when t == typeof(int) => GgufValueType.Int32,
        var t when t == typeof(float) => GgufValueType.Float32,
        var t when t == typeof(bool) => GgufValueType.Boolean,
        var t when t == typeof(string) => GgufValueType.String,
        var t when t == typeof(GgufArray) => GgufValueType.Array,
        var t when t == typeof(ulong) => GgufValueType.UInt64,
        var t when t == typeof(long) => GgufValueType.Int64,
        var t when t == typeof(double) => GgufValueType.Float64,
        var t => throw new ArgumentException($"{t.Name} is no element type of a GGUF array."),
    };
}
