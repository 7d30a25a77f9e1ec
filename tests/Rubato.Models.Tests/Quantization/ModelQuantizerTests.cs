using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Quantization;
using Rubato.Models.Tests.Files;
using Rubato.Models.Tests.Gguf;

namespace Rubato.Models.Tests.Quantization;

public sealed class ModelQuantizerTests
{
    /// <summary>Of numbers drawn evenly enough, relative to their deviation of 0.05: what the type may lose.</summary>
    private static readonly Dictionary<GgmlType, double> ErrorMax = new()
    {
        [GgmlType.F32] = 0, [GgmlType.F16] = 3e-4, [GgmlType.BF16] = 2.5e-3, [GgmlType.Q8_0] = 0.006, [GgmlType.Q6_K] = 0.02,
        [GgmlType.Q5_K] = 0.04, [GgmlType.Q5_1] = 0.045, [GgmlType.Q5_0] = 0.05, [GgmlType.Q4_K] = 0.08, [GgmlType.Q4_1] = 0.09,
        [GgmlType.Q4_0] = 0.1, [GgmlType.IQ4_NL] = 0.09, [GgmlType.Q3_K] = 0.16, [GgmlType.Q2_K] = 0.3,
    };

    public static TheoryData<GgmlType> Types => [.. QuantizationRules.Types.Select(entry => entry.Type)];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_file_of_every_type_holds_what_the_report_says_and_the_numbers_nearly(GgmlType type)
    {
        using var source = RandomLlama.File(RandomLlama.Wide, 1);
        var quantizer = new ModelQuantizer(source, new() { Type = type });
        using var file = Parse(quantizer);
        Assert.Equal(ModelConfiguration.FromGguf(source), ModelConfiguration.FromGguf(file));
        Assert.Equal(QuantizationRules.FileType(type), file.Metadata.GetUInt32("general.file_type"));
        Assert.Equal(type.IsQuantized() ? 2u : null, file.Metadata.FindUInt32("general.quantization_version"));
        string[] changed = ["general.file_type", "general.quantization_version"];
        Assert.Equal(source.Metadata.Where(pair => !changed.Contains(pair.Key)), file.Metadata.Where(pair => !changed.Contains(pair.Key)));
        Assert.Equal(quantizer.Report.Tensors.Select(t => (t.Name, t.To, t.Bytes)), file.Tensors.Select(t => (t.Name, t.Type, t.ByteLength)));
        Assert.Equal(quantizer.Report.Bytes, quantizer.Report.Types.Sum(total => total.Bytes));
        Assert.Equal(8.0 * quantizer.Report.Bytes / RandomLlama.Wide.ParameterCount, quantizer.Report.BitsPerWeight);
        foreach (var tensor in file.Tensors)
        {
            var error = Math.Sqrt(Values(source, tensor.Name).Zip(Values(file, tensor.Name), (a, b) => ((double)a - b) * ((double)a - b)).Average());
            Assert.True(error <= 0.05 * ErrorMax[tensor.Type], $"{tensor}: {error / 0.05:F4} of the deviation");
        }
    }

    [Fact]
    public void Every_architecture_is_quantised_to_the_same_configuration()
    {
        foreach (var (name, configuration) in ModelConfigurationTests.Variants)
        {
            using var source = RandomLlama.File(configuration, 4);
            using var file = Parse(new(source, new() { Type = GgmlType.Q8_0 }));
            Assert.Equal(configuration, ModelConfiguration.FromGguf(file));
            foreach (var tensor in file.Tensors)
            {
                var isSmall = tensor.Dimensions.Length == 1 || TensorNames.IsRouter(tensor.Name);
                Assert.True(tensor.Type == (isSmall ? GgmlType.F32 : tensor.RowLength % 32 == 0 ? GgmlType.Q8_0 : GgmlType.F16), $"{name}: {tensor}");
                var error = Math.Sqrt(Values(source, tensor.Name).Zip(Values(file, tensor.Name), (a, b) => ((double)a - b) * ((double)a - b)).Average());
                Assert.True(error <= 0.05 * ErrorMax[tensor.Type], $"{name}: {tensor}: {error / 0.05:F4} of the deviation");
            }
        }
    }

    [Fact]
    public void Back_to_F32_gives_the_decoded_numbers_and_needs_no_permission()
    {
        using var source = RandomLlama.File(RandomLlama.Wide, 2);
        using var small = Parse(new(source, new() { Type = GgmlType.Q4_K }));
        using var plain = Parse(new(small, new() { Type = GgmlType.F32 }));
        Assert.All(plain.Tensors, tensor => Assert.Equal(GgmlType.F32, tensor.Type));
        Assert.All(plain.Tensors, tensor => Assert.Equal(Values(small, tensor.Name), Values(plain, tensor.Name)));
    }

    [Fact]
    public void A_quantised_file_needs_permission_and_what_has_the_type_already_keeps_its_bytes()
    {
        using var source = RandomLlama.File(RandomLlama.Wide, 3);
        using var small = Parse(new(source, new() { Type = GgmlType.Q4_K }));
        var refusal = Assert.Throws<InvalidOptionException>(() => new ModelQuantizer(small, new() { Type = GgmlType.Q8_0 }));
        Assert.Contains("'token_embd.weight' [256, 40] Q4_K is quantised already", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-requantize", refusal.Message, StringComparison.Ordinal);
        using var again = Parse(new(small, new() { Type = GgmlType.Q4_K, AllowRequantize = true }));
        Assert.All(again.Tensors, tensor => Assert.True(
            again.Data(tensor).AsSpan<byte>().SequenceEqual(small.Data(small.GetTensor(tensor.Name)).AsSpan<byte>()), tensor.Name));
    }

    [Theory]
    [InlineData(float.NaN, GgmlType.Q4_K, "is NaN, not a finite number")]
    [InlineData(float.PositiveInfinity, GgmlType.F32, "not a finite number")]
    [InlineData(float.NegativeInfinity, GgmlType.BF16, "not a finite number")]
    [InlineData(70_000f, GgmlType.F16, "is 70000, too large for F16")]
    [InlineData(1e9f, GgmlType.Q4_0, "too large for Q4_0")]
    [InlineData(float.MaxValue, GgmlType.Q6_K, "too large for Q6_K")]
    public void Numbers_that_cannot_be_stored_are_named_and_leave_no_file(float value, GgmlType type, string reason)
    {
        using var folder = new TemporaryFolder();
        var bytes = RandomLlama.Bytes(RandomLlama.Wide, 4);
        using (var file = GgufFile.Parse(bytes, "before"))
        {
            var tensor = file.GetTensor("blk.0.ffn_up.weight");
            BitConverter.TryWriteBytes(bytes.AsSpan((int)tensor.Offset + (4 * ((7 * 256) + 9))), value);
        }

        using var source = GgufFile.Parse(bytes, "broken.gguf");
        var refusal = Assert.ThrowsAny<RubatoException>(() => new ModelQuantizer(source, new() { Type = type }).Write(folder.Path("out.gguf")));
        Assert.Contains("ensor 'blk.0.ffn_up.weight', row 7", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void Quantised_blocks_with_scales_that_are_no_numbers_are_refused_too()
    {
        var bytes = RandomLlama.Bytes(RandomLlama.Wide, 5, GgmlType.Q8_0);
        using (var file = GgufFile.Parse(bytes, "before"))
        {
            BitConverter.TryWriteBytes(bytes.AsSpan((int)file.GetTensor("output.weight").Offset + 34), Half.NaN);
        }

        using var source = GgufFile.Parse(bytes, "broken.gguf");
        foreach (var type in new[] { GgmlType.F32, GgmlType.Q8_0, GgmlType.Q2_K })
        {
            var refusal = Assert.Throws<InvalidFormatException>(() => Parse(new(source, new() { Type = type, AllowRequantize = true })));
            Assert.Contains("tensor 'output.weight', row 0, value 32 is NaN", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_source_itself_is_no_target_and_an_old_target_is_replaced()
    {
        using var folder = new TemporaryFolder();
        var bytes = RandomLlama.Bytes(RandomLlama.Narrow, 6);
        File.WriteAllBytes(folder.Path("model.gguf"), bytes);
        File.WriteAllText(folder.Path("old.gguf"), "old");
        using var source = GgufFile.Open(folder.Path("model.gguf"));
        var quantizer = new ModelQuantizer(source, new() { Type = GgmlType.Q5_K });
        Assert.Throws<InvalidOptionException>(() => quantizer.Write(Path.Combine(folder.Root, ".", "model.gguf")));
        Assert.Equal(bytes, File.ReadAllBytes(folder.Path("model.gguf")));
        var shares = new List<double>();
        quantizer.Write(folder.Path("old.gguf"), shares.Add);
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(1, shares[^1]);
        using var written = GgufFile.Open(folder.Path("old.gguf"));
        Assert.Equal(RandomLlama.Narrow, ModelConfiguration.FromGguf(written));
    }

    /// <summary>A tokenizer that contradicts itself would be carried into a file that nobody can use; one that is merely not known here is kept.</summary>
    [Fact]
    public void A_tokenizer_that_contradicts_itself_is_refused()
    {
        using var sound = RandomLlama.File(RandomLlama.Narrow, 1);
        Parse(With(("tokenizer.ggml.model", "t5"), ("tokenizer.ggml.pre", "another"))).Dispose();
        AssertRefused("merge 0 'a zz'", ("tokenizer.ggml.model", "gpt2"), ("tokenizer.ggml.merges", GgufArray.Of<string>(["a zz"])));
        AssertRefused("names 99 as its end-of-text token", ("tokenizer.ggml.model", "gpt2"), ("tokenizer.ggml.eos_token_id", 99u));
        AssertRefused("3 tokens but 2 token types", ("tokenizer.ggml.model", "llama"), ("tokenizer.ggml.token_type", GgufArray.Of<int>([1, 1])));
        AssertRefused("3 tokens but 1 scores", ("tokenizer.ggml.model", "llama"), ("tokenizer.ggml.scores", GgufArray.Of<float>([1])));

        ModelQuantizer With(params (string Key, GgufValue Value)[] changes)
        {
            var writer = new GgufWriter();
            foreach (var (key, value) in sound.Metadata.Select(pair => (pair.Key, pair.Value)).Concat(changes))
            {
                writer.Set(key, value);
            }

            foreach (var tensor in sound.Tensors)
            {
                writer.AddTensor(tensor.Name, tensor.Dimensions, tensor.Type, sound.Data(tensor));
            }

            return new(GgufFile.Parse(GgufRoundTripTests.Bytes(writer), "changed.gguf"), new() { Type = GgmlType.Q8_0 });
        }

        void AssertRefused(string expected, params (string Key, GgufValue Value)[] changes)
        {
            var message = Assert.Throws<InvalidFormatException>(() => With(changes)).Message;
            Assert.StartsWith("changed.gguf: ", message);
            Assert.Contains(expected, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_architecture_is_refused_by_name()
    {
        var writer = new GgufWriter();
        writer.Set("general.architecture", "mamba");
        writer.AddTensor("token_embd.weight", [256, 2], GgmlType.F32, new float[512]);
        using var source = GgufFile.Parse(GgufRoundTripTests.Bytes(writer), "other.gguf");
        var refusal = Assert.Throws<InvalidFormatException>(() => new ModelQuantizer(source, new() { Type = GgmlType.Q4_K }));
        Assert.Contains("'mamba' is not supported", refusal.Message, StringComparison.Ordinal);
    }

    internal static GgufFile Parse(ModelQuantizer quantizer)
    {
        using var stream = new MemoryStream();
        quantizer.WriteTo(stream);
        return GgufFile.Parse(stream.ToArray(), "quantised.gguf");
    }

    private static float[] Values(GgufFile file, string name)
    {
        var tensor = file.GetTensor(name);
        var values = new float[tensor.ElementCount];
        for (var row = 0; row < tensor.RowCount; row++)
        {
            file.ReadRow(tensor, row, values.AsSpan(row * (int)tensor.RowLength, (int)tensor.RowLength));
        }

        return values;
    }
}
