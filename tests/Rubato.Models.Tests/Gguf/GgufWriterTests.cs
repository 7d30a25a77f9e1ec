using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Tests.Files;

namespace Rubato.Models.Tests.Gguf;

public sealed class GgufWriterTests
{
    /// <summary>The ggml library reads a file only when every tensor starts where the one before it ends, rounded up.</summary>
    [Fact]
    public void Tensors_follow_each_other_without_gaps_and_the_last_is_padded()
    {
        var prng = new Prng(5);
        for (var run = 0; run < 100; run++)
        {
            var writer = new GgufWriter();
            for (var i = prng.NextInt32(1, 8); i > 0; i--)
            {
                writer.AddTensor($"t{i}", [prng.NextInt32(1, 50)], GgmlType.F16, (_, row) => row.Fill(i));
            }

            var bytes = GgufRoundTripTests.Bytes(writer);
            Assert.Equal(0, bytes.Length % 32);
            using var file = GgufFile.Parse(bytes, "f");
            var next = file.Tensors[0].Offset;
            foreach (var tensor in file.Tensors)
            {
                Assert.Equal(next, tensor.Offset);
                next += (tensor.ByteLength + 31) / 32 * 32;
            }

            Assert.Equal(bytes.Length, next);
        }
    }

    [Fact]
    public void What_the_format_cannot_hold_is_refused_when_it_is_declared()
    {
        var writer = new GgufWriter();
        writer.AddTensor("taken", [1], GgmlType.F32, new float[1]);
        Action[] refused =
        [
            () => writer.Set("", 1u),
            () => writer.Set(new string('k', 65_536), 1u),
            () => writer.Set("lone surrogate \uD800", 1u),
            () => writer.Set("text", "lone surrogate \uDC00"),
            () => writer.Set("texts", GgufArray.Of(ImmutableArray.Create("fine", "\uD800"))),
            () => writer.Set("text", (string)null!),
            () => writer.Set("nested", Nest(5)),
            () => writer.Set("general.alignment", 64u),
            () => GgufArray.Of(ImmutableArray.Create(1m)),
            () => writer.AddTensor("", [1], GgmlType.F32, new float[1]),
            () => writer.AddTensor(new string('t', 64), [1], GgmlType.F32, new float[1]),
            () => writer.AddTensor("taken", [1], GgmlType.F32, new float[1]),
            () => writer.AddTensor("t", [1, 1, 1, 1, 1], GgmlType.F32, new float[1]),
            () => writer.AddTensor("t", [0], GgmlType.F32, ReadOnlyMemory<float>.Empty),
            () => writer.AddTensor("t", [long.MaxValue, 3], GgmlType.F32, (_, _) => { }),
            () => writer.AddTensor("t", [33], GgmlType.Q8_0, new float[33]),
            () => writer.AddTensor("t", [256], GgmlType.IQ4_XS, (_, _) => { }),
            () => writer.AddTensor("t", [384], GgmlType.Q4_K, (_, _) => { }),
            () => writer.AddTensor("t", [4], (GgmlType)4, (_, _) => { }),
            () => writer.AddTensor("t", [4], GgmlType.F32, new float[5]),
        ];
        foreach (var declare in refused)
        {
            Assert.ThrowsAny<ArgumentException>(declare);
        }

        writer.Set("nested", Nest(4));
        using var file = GgufFile.Parse(GgufRoundTripTests.Bytes(writer), "f");
        Assert.Equal(["nested"], file.Metadata.Select(pair => pair.Key));
        Assert.Equal(["taken"], file.Tensors.Select(t => t.Name));
    }

    [Fact]
    public void A_value_that_does_not_fit_its_type_leaves_the_file_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var target = folder.Path("model.gguf");
        File.WriteAllText(target, "the last good file");
        var writer = new GgufWriter();
        writer.AddTensor("blk.0.w", [32, 3], GgmlType.Q8_0, (row, values) => values[7] = row == 2 ? float.NaN : 1);
        var failure = Assert.Throws<RubatoException>(() => writer.Write(target));
        Assert.StartsWith("Tensor 'blk.0.w', row 2: The value NaN cannot be stored as Q8_0", failure.Message, StringComparison.Ordinal);
        Assert.Equal("the last good file", File.ReadAllText(target));
        Assert.Equal([target], folder.Entries);
    }

    [Fact]
    public void A_written_file_opens_and_a_file_that_differs_from_its_declaration_is_not_accepted()
    {
        using var folder = new TemporaryFolder();
        var target = folder.Path("model.gguf");
        var writer = new GgufWriter();
        writer.Set("key", 1u);
        writer.AddTensor("t", [3], GgmlType.BF16, new[] { 1f, 2f, 3f });
        writer.Write(target);
        using (var file = GgufFile.Open(target))
        {
            var row = new float[3];
            file.ReadRow(file.GetTensor("t"), 0, row);
            Assert.Equal([1f, 2f, 3f], row);
            Assert.Equal(new FileInfo(target).Length, file.ByteLength);
        }

        writer.Verify(target);
        var bytes = File.ReadAllBytes(target);
        File.WriteAllBytes(target, GgufFields.With(bytes, "value:key", 2));
        Assert.Throws<InvariantViolationException>(() => writer.Verify(target));
        File.WriteAllBytes(target, GgufFields.With(bytes, "ggml type:t", (ulong)GgmlType.F16));
        Assert.Throws<InvariantViolationException>(() => writer.Verify(target));
        File.WriteAllBytes(target, bytes[..^33]);
        Assert.Throws<InvalidFormatException>(() => writer.Verify(target));
    }

    private static GgufArray Nest(int depth) => depth == 1
        ? GgufArray.Of(ImmutableArray.Create(1u))
        : GgufArray.Of(ImmutableArray.Create(Nest(depth - 1)));
}
