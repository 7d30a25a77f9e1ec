using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.HuggingFace.Conversion;
using Rubato.Models.HuggingFace.Safetensors;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.HuggingFace;

/// <summary>From a hostile folder comes a refusal in one line, or a file that is whole; nothing else, within time and memory.</summary>
public sealed class HuggingFaceFuzzTests
{
    [Theory]
    [InlineData("config.json", 1_500)]
    [InlineData("tokenizer.json", 700)]
    [InlineData("tokenizer_config.json", 700)]
    [InlineData("model.safetensors.index.json", 700)]
    [InlineData("model-00001-of-00002.safetensors", 1_500)]
    public void Mutated_folders_are_refused_or_converted(string name, int runs)
    {
        var root = new Prng(99).Split(name);
        int refused = 0, converted = 0;
        foreach (var family in new[] { "LlamaForCausalLM", "Qwen2MoeForCausalLM", "Gemma3ForCausalLM" })
        {
            using var folder = new CheckpointFolder(new(family) { Layers = 1 }).Save(shards: 2);
            folder.Config["rope_scaling"] = new JsonObject { ["rope_type"] = "yarn", ["factor"] = 2.0, ["beta_fast"] = 32.0 };
            folder.Save(shards: 2);
            var original = File.ReadAllBytes(folder.Path(name));
            for (var run = 0; run < FuzzScale.Times(runs / 3); run++)
            {
                var random = root.Split(family).Split((ulong)run);
                File.WriteAllBytes(folder.Path(name), name.EndsWith("json", StringComparison.Ordinal) ? JsonMutator.Mutate(JsonNode.Parse(original)!.AsObject(), random) : MutateWeights(original, random));
                _ = Try(folder, $"{family}, {name}, run {run}") ? converted++ : refused++;
            }
        }

        Assert.True(refused > runs / 10 && converted > runs / 20, $"{refused} refused, {converted} converted: the mutations are too coarse or too fine");
    }

    [Fact]
    public void Headers_of_weights_are_refused_or_read()
    {
        var root = new Prng(101);
        var data = new byte[160];
        var header = new JsonObject();
        for (var i = 0; i < 4; i++)
        {
            header[$"t{i}"] = new JsonObject { ["dtype"] = "F32", ["shape"] = new JsonArray(5, 2), ["data_offsets"] = new JsonArray(40 * i, 40 * (i + 1)) };
        }

        var (refused, read) = (0, 0);
        for (var run = 0; run < FuzzScale.Times(20_000); run++)
        {
            var random = root.Split((ulong)run);
            var content = SafetensorsWriter.Join(Encoding.UTF8.GetString(JsonMutator.Mutate(header, random)), data);
            if (random.Chance(1, 5))
            {
                content[random.NextInt32(content.Length)] ^= (byte)(1 << random.NextInt32(8));
            }

            try
            {
                using var file = SafetensorsFile.Parse(content, "fuzzed");
                foreach (var tensor in file.Tensors.Where(tensor => tensor.ByteLength > 0 && tensor.Type.TryGgmlType() is not null))
                {
                    file.ReadRow(tensor, tensor.RowCount - 1, new float[tensor.RowLength]);
                }

                read++;
            }
            catch (InvalidFormatException e)
            {
                Assert.False(e.Message.Any(char.IsControl), e.Message);
                refused++;
            }
        }

        Assert.True(refused > 2_000 && read > 200, $"{refused} refused, {read} read");
    }

    /// <summary>The shapes of tokenizer files that cost the most.</summary>
    [Fact]
    public void Huge_strings_and_cyclic_merges_take_bounded_time()
    {
        var longest = new string('a', 1_000_000);
        foreach (var change in new Action<JsonObject>[]
        {
            json => json["model"]!["vocab"]![longest] = 299,
            json => json["model"]!["merges"]!.AsArray().Add($"{longest} a"),
            json => json["model"]!["merges"]!.AsArray().Add(longest),
            json => json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 299, ["content"] = longest, ["special"] = true }),
            json => json["pre_tokenizer"] = new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = longest }, ["behavior"] = "Isolated" },
            json => Enumerable.Range(0, 100_000).ToList().ForEach(_ => json["model"]!["merges"]!.AsArray().Add("a b")),
            json => Enumerable.Range(0, 50_000).ToList().ForEach(i => json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 7, ["content"] = "G" + i })),
            json => json["post_processor"] = new JsonObject { ["type"] = "TemplateProcessing", ["single"] = new JsonArray([.. Enumerable.Range(0, 50_000).Select(_ => (JsonNode)new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "<s>" } })]) },
            json => json["normalizer"] = Nested(60),
        })
        {
            foreach (var family in new[] { "LlamaForCausalLM", "Qwen2ForCausalLM" })
            {
                using var folder = new CheckpointFolder(new(family) { Layers = 1 });
                change(folder.Tokenizer);
                folder.Save();
                _ = Try(folder, family);
            }
        }
    }

    /// <summary>JSON that costs the most memory for its bytes, and more of it than any published file has.</summary>
    [Theory]
    [InlineData("[],")]
    [InlineData("{},")]
    [InlineData("1,")]
    [InlineData("\"\\u0061\",")]
    public void Json_of_many_parts_is_refused_within_bounds(string unit)
    {
        using var folder = new CheckpointFolder(new("LlamaForCausalLM") { Layers = 1 }).Save();
        File.WriteAllText(folder.Path("tokenizer.json"), "{\"x\":[" + string.Concat(Enumerable.Repeat(unit, 8_500_000)) + "1]}");
        var bound = HostileInputBound.Start();
        var refusal = Assert.Throws<InvalidFormatException>(() => HuggingFaceConverter.Open(folder.Root));
        bound.Check(unit);
        Assert.Contains("the JSON has more than", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A header of tensors without data: as many as are read, and as many as the bound on its parts lets through.</summary>
    [Theory]
    [InlineData(200_000, true)]
    [InlineData(500_000, false)]
    public void Headers_of_many_tensors_are_read_or_refused_within_bounds(int tensors, bool read)
    {
        var header = new StringBuilder("{");
        for (var i = 0; i < tensors; i++)
        {
            header.Append(i > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"\"{i:X}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        }

        var content = SafetensorsWriter.Join(header.Append('}').ToString(), []);
        var bound = HostileInputBound.Start();
        if (read)
        {
            using var file = SafetensorsFile.Parse(content, "many");
            bound.Check("tensors");
            Assert.Equal(tensors, file.Tensors.Length);
        }
        else
        {
            var refusal = Assert.Throws<InvalidFormatException>(() => SafetensorsFile.Parse(content, "many"));
            bound.Check("tensors");
            Assert.Contains("500000 tensors; at most 200000", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static JsonObject Nested(int depth)
    {
        var node = new JsonObject { ["type"] = "NFC" };
        for (var i = 0; i < depth / 2; i++)
        {
            node = new() { ["type"] = "Sequence", ["normalizers"] = new JsonArray(node) };
        }

        return node;
    }

    private static byte[] MutateWeights(byte[] original, Prng random)
    {
        var bytes = (byte[])original.Clone();
        switch (random.NextInt32(4))
        {
            case 0:
                return bytes[..random.NextInt32(bytes.Length)];
            case 1:
                bytes[random.NextInt32(Math.Min(bytes.Length, 2_000))] = (byte)random.NextInt32(256);
                return bytes;
            case 2:
                bytes[random.NextInt32(8)] = (byte)random.NextInt32(256);
                return bytes;
            default:
                bytes[random.NextInt32(bytes.Length / 2, bytes.Length)] = (byte)random.NextInt32(256);
                return bytes;
        }
    }

    /// <summary>Converts the folder within the bounds; false when it is refused, and then no file must be there.</summary>
    private static bool Try(CheckpointFolder folder, string label)
    {
        var path = folder.Path("out.gguf");
        var bound = HostileInputBound.Start();
        try
        {
            using (var converter = HuggingFaceConverter.Open(folder.Root))
            {
                converter.Write(path);
            }

            using var file = GgufFile.Open(path);
            _ = Tokenizer.From(TokenizerVocabulary.FromGguf(file.Metadata));
            foreach (var tensor in file.Tensors)
            {
                var row = new float[tensor.RowLength];
                for (var i = 0L; i < tensor.RowCount; i++)
                {
                    file.ReadRow(tensor, i, row);
                    Assert.True(row.All(float.IsFinite), $"{label}: {tensor}");
                }
            }

            return true;
        }
        catch (RubatoException e)
        {
            Assert.False(e.Message.Any(char.IsControl), $"{label}: {e.Message}");
            Assert.True(e.Message.Length < 2_000, $"{label}: {e.Message}");
            Assert.False(File.Exists(path), label);
            return false;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{label}: {e}");
            return false;
        }
        finally
        {
            File.Delete(path);
            bound.Check(label);
            Assert.Empty(Directory.EnumerateFiles(folder.Root, "*.rubato-tmp"));
        }
    }
}
