using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tests.Gguf;

/// <summary>Every rule of the format, broken alone: the refusal names the file, the byte and the rule in one line.</summary>
public sealed class GgufParserTests
{
    private static readonly byte[] Valid = MakeValid();

    public static TheoryData<string, ulong, string> LyingNumbers => new()
    {
        { "magic", 0x46554746, "byte 0: not a GGUF file" },
        { "version", 0, "byte 4: GGUF version 0" },
        { "version", 1, "byte 4: GGUF version 1; versions 2 and 3" },
        { "version", 4, "byte 4: GGUF version 4" },
        { "version", 0x0300_0000, "byte 4: a big-endian GGUF file" },
        { "version", 0x0100_0000, "byte 4: a big-endian GGUF file" },
        { "tensor count", ulong.MaxValue, "byte 8: 18446744073709551615 tensors do not fit" },
        { "tensor count", 3, "a tensor name is empty" },
        { "entry count", 1UL << 63, "byte 16: 9223372036854775808 metadata entries do not fit" },
        { "key length:text", 0, "byte 24: a metadata key is empty" },
        { "key length:text", 65_536, "at most 65535 are allowed" },
        { "key length:text", ulong.MaxValue, "byte 24: 18446744073709551615 bytes of metadata key do not fit" },
        { "text length:text", 1UL << 40, "1099511627776 bytes of string do not fit" },
        { "type:text", 13, "unknown metadata type 13" },
        { "element type:numbers", 77, "unknown metadata type 77" },
        { "count:numbers", 1UL << 62, "array elements do not fit" },
        { "count:words", ulong.MaxValue / 8, "array elements do not fit" },
        { "count:nested", 1UL << 32, "array elements do not fit" },
        { "value:flag", 2, "a boolean is 2" },
        { "value:flags[1]", 255, "a boolean is 255" },
        { "value:general.alignment", 0, "power of two" },
        { "value:general.alignment", 48, "general.alignment is '48' (UInt32)" },
        { "type:general.alignment", 5, "general.alignment is '32' (Int32)" },
        { "name length:first", 0, "a tensor name is empty" },
        { "name length:first", 65, "a tensor name of 65 bytes; at most 64 are allowed" },
        { "dimension count:first", 5, "tensor 'first' has 5 dimensions; at most 4" },
        { "dimension count:first", uint.MaxValue, "has 4294967295 dimensions" },
        { "dimension 1:first", 0, "dimension 1 of tensor 'first' is 0" },
        { "dimension 1:first", 1UL << 63, "dimension 1 of tensor 'first' is 9223372036854775808" },
        { "dimension 1:first", 1UL << 58, "multiply to more than" },
        { "dimension 1:first", (1UL << 58) - 1, "take more than" },
        { "dimension 0:first", 33, "no whole number of Q8_0 blocks" },
        { "dimension 1:first", 1000, "tensor 'first' needs 34000 bytes at data offset 0" },
        { "ggml type:first", 4, "tensor 'first' has the unknown type 4" },
        { "ggml type:first", 43, "tensor 'first' has the unknown type 43" },
        { "ggml type:first", uint.MaxValue, "tensor 'first' has the unknown type 4294967295" },
        { "offset:second", 97, "tensor 'second' starts at data offset 97, no multiple of the alignment 32" },
        { "offset:second", 1UL << 40, "tensor 'second' needs 12 bytes" },
        { "offset:second", ulong.MaxValue - 31, "tensor 'second' needs 12 bytes" },
        { "offset:second", 64, "the data of tensors 'first' and 'second' overlap" },
    };

    [Theory]
    [MemberData(nameof(LyingNumbers))]
    public void A_lying_number_is_refused(string field, ulong value, string rule)
    {
        var content = GgufFields.With(Valid, field, value);
        if (field == "key length:text" && value == 65_536)
        {
            Array.Resize(ref content, 70_000);
        }

        Assert.Contains(rule, Refusal(content), StringComparison.Ordinal);
    }

    [Fact]
    public void The_two_versions_read_the_same()
    {
        using var three = GgufFile.Parse(Valid, "three");
        using var two = GgufFile.Parse(GgufFields.With(Valid, "version", 2), "two");
        Assert.Equal((3, 2), (three.Version, two.Version));
        Assert.Equal(three.Metadata, two.Metadata);
        Assert.Equal(three.Tensors.Select(t => t.ToString()), two.Tensors.Select(t => t.ToString()));
    }

    [Fact]
    public void Every_truncation_is_refused_until_only_padding_is_lost()
    {
        using var whole = GgufFile.Parse(Valid, "whole");
        var needed = whole.Tensors.Max(t => t.Offset + t.ByteLength);
        for (var length = 0; length < Valid.Length; length++)
        {
            var content = Valid[..length];
            if (length < needed)
            {
                Refusal(content);
            }
            else
            {
                using var file = GgufFile.Parse(content, "cut");
                Assert.Equal(whole.Metadata, file.Metadata);
            }
        }
    }

    [Fact]
    public void Texts_that_are_not_utf8_are_refused()
    {
        (string Field, string Rule)[] texts =
            [("key:text", "metadata key"), ("text:text", "string"), ("text:words[1]", "string"), ("name:first", "tensor name")];
        foreach (var (field, rule) in texts)
        {
            Assert.Contains($"a {rule} is not valid UTF-8", Refusal(GgufFields.With(Valid, field, 0xC1)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Names_that_occur_twice_are_refused_and_shown_on_one_line()
    {
        var writer = new GgufWriter();
        writer.Set("a\n", 1u);
        writer.Set("b\n", 2u);
        writer.AddTensor("x\u001b[2J", [], GgmlType.F32, new float[1]);
        writer.AddTensor("y\u001b[2J", [], GgmlType.F32, new float[1]);
        var bytes = GgufRoundTripTests.Bytes(writer);
        var keys = GgufFields.With(bytes, "key:b\n", 'a' | ('\n' << 8));
        Assert.Contains("metadata key 'a\\u{A}' occurs twice", Refusal(keys), StringComparison.Ordinal);
        var tensors = (byte[])bytes.Clone();
        tensors[GgufFields.Of(bytes).Single(f => f.Name.StartsWith("name:y", StringComparison.Ordinal)).Position] = (byte)'x';
        Assert.Contains("tensor 'x\\u{1B}[2J' occurs twice", Refusal(tensors), StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_that_nest_without_end_are_refused()
    {
        // Each level is 12 bytes (type: array, count: one), so a recursive reader would use up its stack long before the end.
        byte[] one = [1, 0, 0, 0, 0, 0, 0, 0];
        var bytes = new List<byte>([.. "GGUF"u8, 3, 0, 0, 0, .. new byte[8], .. one, .. one, .. "k"u8, 9, 0, 0, 0]);
        for (var level = 0; level < 100_000; level++)
        {
            bytes.AddRange([9, 0, 0, 0, .. one]);
        }

        Assert.Contains("arrays nest deeper than 4", Refusal([.. bytes]), StringComparison.Ordinal);
    }

    [Fact]
    public void Types_without_a_decoder_are_described_but_not_decoded()
    {
        using var file = GgufFile.Parse(GgufFields.With(Valid, "ggml type:first", (ulong)GgmlType.MXFP4), "other type");
        var tensor = file.GetTensor("first");
        Assert.Equal(34, tensor.ByteLength);
        Assert.Throws<NotSupportedException>(() => file.ReadRow(tensor, 0, new float[32]));
    }

    [Fact]
    public void Metadata_of_another_type_is_refused_by_key()
    {
        using var file = GgufFile.Parse(Valid, "a.gguf");
        var metadata = file.Metadata;
        (Action Read, string Message)[] cases =
        [
            (() => metadata.GetString("none"), "a.gguf: metadata key 'none' is missing."),
            (() => metadata.GetString("flag"), "a.gguf: metadata key 'flag' is Boolean; a string is needed."),
            (() => metadata.FindUInt32("negative"), "a.gguf: metadata key 'negative' is -5; it must lie in 0 … 4294967295."),
            (() => metadata.GetInt32("text"), "a.gguf: metadata key 'text' is String; an integer is needed."),
            (() => metadata.GetFloat32("negative"), "a.gguf: metadata key 'negative' is Int64; a floating-point number is needed."),
            (
                () => metadata.GetArray<float>("numbers"),
                "a.gguf: metadata key 'numbers' is an array of UInt32; an array of Float32 is needed."),
            (() => metadata.GetBoolean("numbers"), "a.gguf: metadata key 'numbers' is an array of UInt32; a boolean is needed."),
        ];
        foreach (var (read, message) in cases)
        {
            Assert.Equal(message, Assert.Throws<InvalidFormatException>(read).Message);
        }

        Assert.Equal(-5, metadata.GetInt32("negative"));
        Assert.Equal([1u, 2u, 3u], metadata.GetArray<uint>("numbers"));
        Assert.Null(metadata.FindArray<string>("none"));
        Assert.Equal("a.gguf: tensor 'third' is missing.", Assert.Throws<InvalidFormatException>(() => file.GetTensor("third")).Message);
    }

    private static string Refusal(byte[] content)
    {
        var message = Assert.Throws<InvalidFormatException>(() => GgufFile.Parse(content, "bad.gguf")).Message;
        Assert.StartsWith("bad.gguf: byte ", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
        return message;
    }

    private static byte[] MakeValid()
    {
        var writer = new GgufWriter();
        writer.Set("text", "some text");
        writer.Set("flag", true);
        writer.Set("negative", -5L);
        writer.Set("numbers", GgufArray.Of(ImmutableArray.Create(1u, 2u, 3u)));
        writer.Set("words", GgufArray.Of(ImmutableArray.Create("one", "two")));
        writer.Set("flags", GgufArray.Of(ImmutableArray.Create(true, false)));
        GgufArray halves = GgufArray.Of(ImmutableArray.Create(1.5));
        GgufArray bytes = GgufArray.Of(ImmutableArray.Create((byte)1));
        writer.Set("nested", GgufArray.Of(ImmutableArray.Create(halves, bytes)));
        writer.Set("general.alignment", 32u);
        writer.AddTensor("first", [32, 2], GgmlType.Q8_0, new float[64]);
        writer.AddTensor("second", [3], GgmlType.F32, new float[3]);
        return GgufRoundTripTests.Bytes(writer);
    }
}
