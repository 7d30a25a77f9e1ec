using System.Text;
using Rubato.Core;
using Rubato.Models.HuggingFace.Safetensors;
using Rubato.Models.Tests.Files;

namespace Rubato.Models.Tests.HuggingFace;

public sealed class SafetensorsFileTests
{
    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("F64")]
    public void What_is_written_is_read(string type)
    {
        var root = new Prng(31);
        for (var run = 0; run < 200; run++)
        {
            var random = root.Split((ulong)run);
            TestTensor[] tensors = [.. Enumerable.Range(0, random.NextInt32(1, 5)).Select(i => Tensor($"t{i}", random))];
            using var file = SafetensorsFile.Parse(SafetensorsWriter.Write(tensors, type), "test");
            Assert.Equal(tensors.Select(tensor => tensor.Name).Order(), file.Tensors.Select(tensor => tensor.Name).Order());
            foreach (var tensor in tensors)
            {
                Assert.True(file.TryGetTensor(tensor.Name, out var stored));
                Assert.Equal(tensor.Shape, stored.Shape);
                var values = new List<float>();
                var row = new float[stored.RowLength];
                for (var i = 0L; i < (tensor.Shape.Contains(0) ? 0 : stored.RowCount); i++)
                {
                    file.ReadRow(stored, i, row);
                    values.AddRange(row);
                }

                Assert.Equal(tensor.Values, values);
            }
        }
    }

    [Theory]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}""", 8, null)]
    [InlineData("""{"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}, "e": {"dtype": "I64", "shape": [0, 3], "data_offsets": [4, 4]}}""", 4, null)]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}""", 16, "no valid JSON")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}""", 9, "1 bytes at the end belong to no tensor")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}""", 12, "leaves a gap")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}""", 12, "overlaps")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}""", 8, "takes 12 bytes, but its data offsets span 8")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 16]}}""", 8, "within the 8 bytes")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}""", 8, "a begin and an end")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}""", 8, "a begin and an end")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}""", 8, "integers of 0 to")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [9223372036854775807, 9223372036854775807], "data_offsets": [0, 8]}}""", 8, "more than 2⁶³ − 1 bytes")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [4294967296, 4294967296, 0], "data_offsets": [0, 0]}}""", 0, "more than 2⁶³ − 1 bytes")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,2], "data_offsets": [0, 8]}}""", 8, "more than 8 numbers")]
    [InlineData("""{"a": {"dtype": "f32", "shape": [2], "data_offsets": [0, 8]}}""", 8, "unknown type 'f32'")]
    [InlineData("""{"a": {"dtype": "11", "shape": [2], "data_offsets": [0, 8]}}""", 8, "unknown type '11'")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], "x": 1}}""", 8, "unknown field 'x'")]
    [InlineData("""{"a": {"shape": [2], "data_offsets": [0, 8]}}""", 8, "'dtype' is missing")]
    [InlineData("""{"a": 5}""", 8, "an object is needed")]
    [InlineData("""{"__metadata__": {"a": 5}}""", 0, "not an object of strings")]
    [InlineData("""[]""", 0, "does not begin with '{'")]
    [InlineData("""{"\ud800": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}""", 8, "no valid JSON")]
    [InlineData("""{"a": """, 0, "no valid JSON")]
    public void Headers_are_checked(string header, int dataBytes, string? fault)
    {
        var content = SafetensorsWriter.Join(header, new byte[dataBytes]);
        if (fault is null)
        {
            using var file = SafetensorsFile.Parse(content, "test");
            Assert.NotEmpty(file.Tensors);
            return;
        }

        var message = Assert.Throws<InvalidFormatException>(() => SafetensorsFile.Parse(content, "test")).Message;
        Assert.Contains(fault, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Lengths_that_lie_are_refused()
    {
        foreach (var length in new ulong[] { 1, 9, 100_000_001, ulong.MaxValue, long.MaxValue })
        {
            byte[] content = [.. BitConverter.GetBytes(length), .. "{}"u8, .. new byte[6]];
            Assert.Throws<InvalidFormatException>(() => SafetensorsFile.Parse(content, "test"));
        }

        Assert.Throws<InvalidFormatException>(() => SafetensorsFile.Parse([1, 2, 3], "test"));
        Assert.Throws<InvalidFormatException>(() => SafetensorsFile.Parse([.. BitConverter.GetBytes(0UL)], "test"));
    }

    [Fact]
    public void An_index_must_agree_with_its_files()
    {
        AssertRefused(map => map["x"] = "model-00001-of-00002.safetensors", "'x' is not in");
        AssertRefused(map => map.Remove("b"), "is not in the map");
        AssertRefused(map => map["a"] = "model-00002-of-00002.safetensors", "'a' is not in");
        AssertRefused(map => map["a"] = "other.safetensors", "'other.safetensors' is not in the folder");
        AssertRefused(map => map["a"] = "../model.safetensors", "in the same folder");
        AssertRefused(map => map["a"] = "/etc/passwd", "in the same folder");
        AssertRefused(map => map["a"] = "config.json", "in the same folder");
    }

    [Fact]
    public void Numbered_files_need_no_index_but_must_all_be_there()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.Path("model-00001-of-00002.safetensors"), SafetensorsWriter.Write([new("a", [1], [1])]));
        Assert.Contains("some are missing", Assert.Throws<RubatoException>(() => ModelShards.Open(folder.Root)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.Path("model-00002-of-00002.safetensors"), SafetensorsWriter.Write([new("b", [1], [1])]));
        using (var shards = ModelShards.Open(folder.Root))
        {
            Assert.Equal(2, shards.Count);
        }

        File.WriteAllBytes(folder.Path("model-00002-of-00002.safetensors"), SafetensorsWriter.Write([new("a", [1], [1])]));
        Assert.Contains("is in model-00001-of-00002.safetensors already", Assert.Throws<InvalidFormatException>(() => ModelShards.Open(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickles_are_not_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("pytorch_model.bin"), "");
        Assert.Contains("runs code", Assert.Throws<RubatoException>(() => ModelShards.Open(folder.Root)).Message, StringComparison.Ordinal);
    }

    private static TestTensor Tensor(string name, Prng random)
    {
        long[] shape = [.. Enumerable.Range(0, random.NextInt32(4)).Select(_ => (long)random.NextInt32(random.Chance(1, 10) ? 0 : 1, 5))];
        return new(name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextInt32(-64, 65) / 128f)]);
    }

    private static void AssertRefused(Action<Dictionary<string, string>> change, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.Path("model-00001-of-00002.safetensors"), SafetensorsWriter.Write([new("a", [1], [1])]));
        File.WriteAllBytes(folder.Path("model-00002-of-00002.safetensors"), SafetensorsWriter.Write([new("b", [1], [1]), new("c", [1], [1])]));
        var map = new Dictionary<string, string> { ["a"] = "model-00001-of-00002.safetensors", ["b"] = "model-00002-of-00002.safetensors", ["c"] = "model-00002-of-00002.safetensors" };
        change(map);
        File.WriteAllText(folder.Path("model.safetensors.index.json"), $$"""{"weight_map": {{System.Text.Json.JsonSerializer.Serialize(map)}}}""", Encoding.UTF8);
        Assert.Contains(expected, Assert.Throws<InvalidFormatException>(() => ModelShards.Open(folder.Root)).Message, StringComparison.Ordinal);
    }
}
