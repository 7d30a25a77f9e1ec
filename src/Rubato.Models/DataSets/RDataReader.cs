using Rubato.Core;

namespace Rubato.Models.DataSets;

/// <summary>Reads R's binary serialization (XDR, versions 2 and 3) as far as data frames need it.</summary>
/// <remarks>Source: "R Internals", section "Serialization Formats". Functions, environments and other code are refused.</remarks>
internal sealed class RDataReader
{
    private const int Deepest = 64;
    private const int MissingInteger = int.MinValue;

    private const int Null = 254;
    private const int Reference = 255;

    private readonly XdrReader _reader;
    private readonly List<RValue> _references = [];
    private int _depth;

    private RDataReader(XdrReader reader) => _reader = reader;

    private static ReadOnlySpan<byte> Magic2 => "RDX2\nX\n"u8;

    private static ReadOnlySpan<byte> Magic3 => "RDX3\nX\n"u8;

    /// <summary>The data frame of a saved workspace.</summary>
    /// <param name="bytes">The plain content of the file.</param>
    /// <param name="variable">Name of the variable that holds it.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <exception cref="InvalidFormatException">The bytes are something else or damaged, or there is no such data frame.</exception>
    public static IReadOnlyList<DataColumn> DataFrame(byte[] bytes, string variable, string name)
    {
        var version3 = bytes.AsSpan().StartsWith(Magic3);
        if (!version3 && !bytes.AsSpan().StartsWith(Magic2))
        {
            throw new InvalidFormatException($"{name}: is not a workspace that R saved (it does not begin with RDX2 or RDX3).");
        }

        var reader = new XdrReader(bytes, Magic2.Length, name);
        var version = reader.Int32();
        _ = (reader.Int32(), reader.Int32()); // The version of R that wrote it and the lowest that reads it.
        if (version != (version3 ? 3 : 2))
        {
            throw reader.Fail($"has version {version} of the format");
        }

        if (version3)
        {
            _ = reader.Text(reader.Int32()); // The native encoding.
        }

        var workspace = new RDataReader(reader).Value() as RPairs ?? throw reader.Fail("the workspace is not a list of variables");
        var found = workspace.Items.FirstOrDefault(item => item.Tag == variable).Value
            ?? throw reader.Fail($"holds no variable '{variable}'");
        return Columns(found, reader);
    }

    private static DataColumn[] Columns(RValue value, XdrReader reader)
    {
        if (value is not RList list || value.Attributes.GetValueOrDefault("names") is not RStrings names || names.Values.Length != list.Items.Length)
        {
            throw reader.Fail("the variable is not a data frame");
        }

        DataColumn[] columns = [.. list.Items.Select((item, i) => Column(names.Values[i], item, reader))];
        return columns.All(column => column.Values.Length == columns[0].Values.Length)
            ? columns
            : throw reader.Fail("the columns of the data frame differ in length");
    }

    private static DataColumn Column(string name, RValue value, XdrReader reader) => value switch
    {
        RDoubles doubles => new(name, doubles.Values),
        RIntegers integers when integers.Attributes.GetValueOrDefault("levels") is RStrings levels => new(name, Codes(integers.Values, levels.Values.Length, name, reader), levels.Values),
        RIntegers integers => new(name, Array.ConvertAll(integers.Values, number => number == MissingInteger ? double.NaN : number)),
        _ => throw reader.Fail($"column {name} is neither of numbers nor of classes"),
    };

    /// <summary>Factors count their levels from 1.</summary>
    private static double[] Codes(int[] codes, int levels, string name, XdrReader reader) => Array.ConvertAll(codes, code =>
        code == MissingInteger ? double.NaN
        : code >= 1 && code <= levels ? code - 1
        : throw reader.Fail($"column {name} has class {code} of {levels}"));

    private RValue Value()
    {
        var flags = _reader.Int32();
        if (++_depth > Deepest)
        {
            throw _reader.Fail($"is nested deeper than {Deepest}");
        }

        var (type, hasAttributes) = (flags & 0xFF, (flags & 0x200) != 0);
        var value = type switch
        {
            Null => new RNull(),
            Reference => Referred(flags >> 8),
            1 => Symbol(),
            2 => Pairs(flags),
            9 => Characters(),
            10 or 13 => new RIntegers(_reader.Int32s()),
            14 => new RDoubles(_reader.Doubles()),
            16 => new RStrings(Items(item => item is RString text ? text.Text ?? "NA" : throw _reader.Fail("a vector of texts holds something else"))),
            19 => new RList(Items(item => item)),
            _ => throw _reader.Fail($"holds R's type {type}, which data frames do not need"),
        };
        if (hasAttributes && type is 9 or 10 or 13 or 14 or 16 or 19)
        {
            value = value with { Attributes = Attributes() };
        }

        _depth--;
        return value;
    }

    private T[] Items<T>(Func<RValue, T> convert)
    {
        var items = new T[_reader.Count(4)];
        foreach (ref var item in items.AsSpan())
        {
            item = convert(Value());
        }

        return items;
    }

    private Dictionary<string, RValue> Attributes()
    {
        var attributes = new Dictionary<string, RValue>();
        if (Value() is not RPairs pairs)
        {
            throw _reader.Fail("attributes are not a list of pairs");
        }

        foreach (var (tag, value) in pairs.Items)
        {
            attributes[tag] = value;
        }

        return attributes;
    }

    /// <summary>A list of pairs is a chain: it is walked, not recursed into.</summary>
    private RPairs Pairs(int flags)
    {
        var items = new List<(string, RValue)>();
        while ((flags & 0xFF) == 2)
        {
            if ((flags & 0x200) != 0)
            {
                _ = Value();
            }

            var tag = (flags & 0x400) != 0 && Value() is RSymbol symbol ? symbol.Name : "";
            items.Add((tag, Value()));
            flags = _reader.Int32();
        }

        return (flags & 0xFF) == Null ? new(items) : throw _reader.Fail("a list of pairs has no end");
    }

    private RSymbol Symbol()
    {
        var symbol = new RSymbol(Value() is RString { Text: { } text } ? text : throw _reader.Fail("a symbol has no name"));
        _references.Add(symbol);
        return symbol;
    }

    private RString Characters()
    {
        var length = _reader.Int32();
        return new(length == -1 ? null : _reader.Text(length));
    }

    private RValue Referred(int packed)
    {
        var index = packed == 0 ? _reader.Int32() : packed;
        return index >= 1 && index <= _references.Count ? _references[index - 1] : throw _reader.Fail($"refers to object {index} of {_references.Count}");
    }
}
