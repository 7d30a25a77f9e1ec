using System.Globalization;
using System.IO.Compression;
using CsCheck;
using Rubato.Core;
using Rubato.Models.DataSets;

namespace Rubato.Models.Tests.DataSets;

public sealed class RDataReaderTests
{
    private static readonly Gen<DataColumn[]> Frames =
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 5]).SelectMany((rows, columns) => Column(rows).Array[columns])
            .Select(columns => columns.Select((column, i) => column with { Name = $"col {i} é" }).ToArray());

    [Fact]
    public void A_data_frame_comes_back_whatever_its_columns() =>
        Gen.Select(Frames, Gen.Bool).Sample((frame, version3) =>
        {
            var read = RDataReader.DataFrame(RDataBuilder.Workspace("Frame", frame, version3), "Frame", "file");
            Assert.Equal(frame.Length, read.Count);
            Assert.All(frame, (column, i) =>
            {
                Assert.Equal(column.Name, read[i].Name);
                Assert.Equal(column.Values, read[i].Values);
                Assert.Equal(column.Levels, read[i].Levels);
            });
        });

    [Fact]
    public void Integer_columns_become_numbers_and_missing_ones_NaN()
    {
        DataColumn[] frame = [new("a", [1, -5, double.NaN]), new("b", [1, 0, double.NaN], ["x", "y"])];
        var read = RDataReader.DataFrame(RDataBuilder.Workspace("F", frame, integers: true), "F", "file");
        Assert.Equal([1, -5, double.NaN], read[0].Values);
        Assert.Equal([1, 0, double.NaN], read[1].Values);
    }

    [Fact]
    public void The_bytes_of_a_hand_made_workspace_read_as_what_they_say()
    {
        // x <- data.frame(v = 1.5) as R 3 writes it, byte by byte.
        var bytes = Convert.FromHexString(string.Concat(
            "524458320A580A", "00000002", "00020A01", "00020300",
            "00000402", "00000001", "00040009", "00000001", "78",
            "00000313", "00000001", "0000000E", "00000001", "3FF8000000000000",
            "00000402", "00000001", "00040009", "00000005", "6E616D6573", "00000010", "00000001", "00040009", "00000001", "76",
            "00000402", "00000001", "00040009", "00000005", "636C617373", "00000010", "00000001", "00040009", "0000000A", "646174612E6672616D65",
            "000000FE", "000000FE"));
        var column = Assert.Single(RDataReader.DataFrame(bytes, "x", "file"));
        Assert.Equal(("v", 1.5), (column.Name, Assert.Single(column.Values)));
    }

    [Theory]
    [InlineData("RDA2\nA\n", "not a workspace")]
    [InlineData("", "not a workspace")]
    [InlineData("RDX2\nX\n", "ends where 4 more bytes")]
    public void Other_files_are_refused(string text, string rule) =>
        Assert.Contains(rule, Assert.Throws<InvalidFormatException>(() => RDataReader.DataFrame(System.Text.Encoding.ASCII.GetBytes(text), "x", "file")).Message, StringComparison.Ordinal);

    [Fact]
    public void Damaged_workspaces_are_read_or_refused_and_nothing_else()
    {
        var scale = int.TryParse(Environment.GetEnvironmentVariable("RUBATO_FUZZ_SCALE"), NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? Math.Max(1, times) : 1;
        DataColumn[] frame = [new("a", [1, 2, 3]), new("class", [0, 1, 1], ["x", "y"])];
        byte[][] files = [RDataBuilder.Workspace("F", frame), RDataBuilder.Workspace("F", frame, version3: true), RDataBuilder.Workspace("F", frame, integers: true)];
        var refused = 0;
        var prng = new Prng(0x52444154);
        for (var run = 0; run < 20_000 * scale; run++)
        {
            var bytes = (byte[])files[run % files.Length].Clone();
            for (var change = prng.NextInt32(1, 4); change > 0; change--)
            {
                bytes[prng.NextInt32(bytes.Length)] = prng.Chance(1, 2) ? (byte)prng.NextInt32(256) : (byte)(prng.NextInt32(2) * 255);
            }

            bytes = prng.Chance(1, 4) ? bytes[..prng.NextInt32(bytes.Length)] : bytes;
            try
            {
                _ = LabelledTable.From("F", RDataReader.DataFrame(bytes, "F", "file"), "class");
            }
            catch (InvalidFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 5_000 * scale, 19_999 * scale);
    }

    [Fact]
    public void Compressed_files_are_told_by_their_first_bytes()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write("plain"u8);
        }

        Assert.Equal("plain"u8, Decompression.Plain(packed.ToArray(), 5, "file"));
        Assert.Equal("plain"u8, Decompression.Plain("plain"u8.ToArray(), 5, "file"));
        Assert.Throws<InvalidFormatException>(() => Decompression.Plain(packed.ToArray(), 4, "file"));
        Assert.Equal("RDX2 golden, compressed by xz\n"u8, Decompression.Plain(Convert.FromBase64String(GoldenXz), 100, "file"));
        Assert.Throws<InvalidFormatException>(() => Decompression.Plain(Convert.FromBase64String(GoldenXz), 10, "file"));
    }

    [Fact]
    public void Damaged_compression_is_refused_and_nothing_else()
    {
        var (good, prng) = (Convert.FromBase64String(GoldenXz), new Prng(7));
        for (var run = 0; run < 2_000; run++)
        {
            var bytes = (byte[])good.Clone();
            bytes[prng.NextInt32(6, bytes.Length)] ^= (byte)(1 << prng.NextInt32(8));
            bytes = prng.Chance(1, 3) ? bytes[..prng.NextInt32(6, bytes.Length)] : bytes;
            try
            {
                Assert.True(Decompression.Plain(bytes, 1 << 20, "file").Length <= 1 << 20);
            }
            catch (InvalidFormatException e)
            {
                Assert.StartsWith("file: ", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private const string GoldenXz = "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQAdUkRYMiBnb2xkZW4sIGNvbXByZXNzZWQgYnkgeHoKAAAAXa4D3HX38NIAATYePRmVUx+2830BAAAAAARZWg==";

    private static Gen<DataColumn> Column(int rows) => Gen.OneOf(
        Gen.Double.Array[rows].Select(values => new DataColumn("", values)),
        Gen.Int[0, 2].Array[rows].Select(codes => new DataColumn("", Array.ConvertAll(codes, code => (double)code), ["one", "two", "three"])));
}
