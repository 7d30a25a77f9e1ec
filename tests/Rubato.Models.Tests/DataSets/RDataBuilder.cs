using System.Buffers.Binary;
using System.Text;
using Rubato.Models.DataSets;

namespace Rubato.Models.Tests.DataSets;

/// <summary>Writes data frames as R does, independently of the reader: flags, symbols and references, pair lists, attributes.</summary>
internal sealed class RDataBuilder
{
    private const int HasTag = 0x400;
    private const int HasAttributes = 0x200;
    private const int IsObject = 0x100;
    private const int End = 0xFE;

    private readonly MemoryStream _bytes = new();
    private readonly List<string> _symbols = [];

    private RDataBuilder()
    {
    }

    public static byte[] Workspace(string variable, IReadOnlyList<DataColumn> columns, bool version3 = false, bool integers = false)
    {
        var builder = new RDataBuilder();
        builder._bytes.Write(version3 ? "RDX3\nX\n"u8 : "RDX2\nX\n"u8);
        builder.Int(version3 ? 3 : 2);
        builder.Int(0x00040202);
        builder.Int(version3 ? 0x00030500 : 0x00020300);
        if (version3)
        {
            builder.Int(5);
            builder._bytes.Write("UTF-8"u8);
        }

        builder.Int(2 | HasTag);
        builder.Symbol(variable);
        builder.Frame(columns, integers);
        builder.Int(End);
        return builder._bytes.ToArray();
    }

    private void Frame(IReadOnlyList<DataColumn> columns, bool integers)
    {
        Int(19 | HasAttributes | IsObject);
        Int(columns.Count);
        foreach (var column in columns)
        {
            Column(column, integers);
        }

        Pair("names");
        Texts([.. columns.Select(column => column.Name)]);
        Pair("row.names");
        Int(13);
        Int(2);
        Int(int.MinValue);
        Int(-columns[0].Values.Length);
        Pair("class");
        Texts(["data.frame"]);
        Int(End);
    }

    private void Column(DataColumn column, bool integers)
    {
        if (column.Levels is { } levels)
        {
            Int(13 | HasAttributes | IsObject);
            Ints(column.Values, +1);
            Pair("levels");
            Texts([.. levels]);
            Pair("class");
            Texts(["factor"]);
            Int(End);
        }
        else if (integers)
        {
            Int(13);
            Ints(column.Values, 0);
        }
        else
        {
            Int(14);
            Int(column.Values.Length);
            Span<byte> eight = stackalloc byte[8];
            foreach (var value in column.Values)
            {
                BinaryPrimitives.WriteDoubleBigEndian(eight, value);
                _bytes.Write(eight);
            }
        }
    }

    private void Ints(double[] values, int offset)
    {
        Int(values.Length);
        foreach (var value in values)
        {
            Int(double.IsNaN(value) ? int.MinValue : (int)value + offset);
        }
    }

    private void Texts(string[] texts)
    {
        Int(16);
        Int(texts.Length);
        Array.ForEach(texts, Characters);
    }

    private void Pair(string tag)
    {
        Int(2 | HasTag);
        Symbol(tag);
    }

    /// <summary>A symbol the first time, a reference from then on.</summary>
    private void Symbol(string name)
    {
        var known = _symbols.IndexOf(name);
        if (known >= 0)
        {
            Int((known + 1) << 8 | 0xFF);
            return;
        }

        _symbols.Add(name);
        Int(1);
        Characters(name);
    }

    private void Characters(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Int(0x00040009);
        Int(bytes.Length);
        _bytes.Write(bytes);
    }

    private void Int(int value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(four, value);
        _bytes.Write(four);
    }
}
