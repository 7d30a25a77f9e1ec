using System.Text.Json.Nodes;
using Rubato.Core;
using Rubato.Models.Tests.Files;
using Rubato.Models.Tests.Tokenizers;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Tests.HuggingFace;

/// <summary>A small model folder as Hugging Face programs write it; what a test wants to be wrong it changes before <see cref="Save"/>.</summary>
internal sealed class CheckpointFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CheckpointFolder(CheckpointShape shape, ulong seed = 1)
    {
        Shape = shape;
        var vocabulary = shape.IsScored ? TestVocabularies.Scored(5, ties: false, spacePrefix: shape.Family == "LlamaForCausalLM") : TestVocabularies.ByteLevel(size: 300);
        var size = vocabulary.Tokens.Length + 3;
        Config = shape.Config(size);
        Tokenizer = TokenizerJsonWriter.Write(vocabulary);
        Vocabulary = vocabulary;
        var random = new Prng(seed);
        foreach (var (name, dimensions) in shape.Tensors(size))
        {
            var own = random.Split(name);
            Tensors.Add(new(name, dimensions, [.. Enumerable.Range(0, (int)dimensions.Aggregate(1L, (a, b) => a * b)).Select(_ => Value(own))]));
        }

        Settings = new JsonObject { ["bos_token"] = vocabulary.Tokens[vocabulary.BeginOfText!.Value], ["eos_token"] = new JsonObject { ["content"] = vocabulary.Tokens[vocabulary.EndOfText!.Value] }, ["chat_template"] = "{{ messages[0].content }}" };
    }

    public CheckpointShape Shape { get; }

    public TokenizerVocabulary Vocabulary { get; }

    public JsonObject Config { get; }

    public JsonObject Tokenizer { get; }

    public JsonObject Settings { get; }

    public List<TestTensor> Tensors { get; } = [];

    public string Root => _folder.Root;

    public string Path(string name) => _folder.Path(name);

    public TestTensor this[string name] => Tensors.Single(tensor => tensor.Name == name);

    /// <summary>Writes the folder's files.</summary>
    public CheckpointFolder Save(string type = "F32", int shards = 1)
    {
        File.WriteAllText(Path("config.json"), Config.ToJsonString());
        File.WriteAllText(Path("tokenizer.json"), Tokenizer.ToJsonString());
        File.WriteAllText(Path("tokenizer_config.json"), Settings.ToJsonString());
        File.Delete(Path("model.safetensors.index.json"));
        if (shards == 1)
        {
            File.WriteAllBytes(Path("model.safetensors"), SafetensorsWriter.Write(Tensors, type));
            return this;
        }

        var map = new JsonObject();
        for (var shard = 0; shard < shards; shard++)
        {
            var name = $"model-{shard + 1:00000}-of-{shards:00000}.safetensors";
            var own = Tensors.Where((_, i) => i % shards == shard).ToList();
            File.WriteAllBytes(Path(name), SafetensorsWriter.Write(own, type));
            own.ForEach(tensor => map[tensor.Name] = name);
        }

        File.WriteAllText(Path("model.safetensors.index.json"), new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
        return this;
    }

    /// <summary>Replaces the tensors of single experts by stacks: gates above ups, and downs.</summary>
    public void StackExperts()
    {
        var isMixtral = Shape.Family == "MixtralForCausalLM";
        for (var layer = 0; layer < Shape.Layers; layer++)
        {
            var (from, to) = ($"model.layers.{layer}.{(isMixtral ? "block_sparse_moe" : "mlp")}.", $"model.layers.{layer}.mlp.");
            List<TestTensor> Of(string name) => [.. Enumerable.Range(0, CheckpointShape.ExpertCount).Select(expert => this[$"{from}experts.{expert}.{name}.weight"])];
            var (gates, ups, downs) = isMixtral ? (Of("w1"), Of("w3"), Of("w2")) : (Of("gate_proj"), Of("up_proj"), Of("down_proj"));
            var (rows, columns) = (gates[0].Shape[0], gates[0].Shape[1]);
            var router = this[from + "gate.weight"];
            Tensors.Add(new($"{to}experts.gate_up_proj", [gates.Count, 2 * rows, columns], [.. gates.Zip(ups, (gate, up) => (float[])[.. gate.Values, .. up.Values]).SelectMany(values => values)]));
            Tensors.Add(new($"{to}experts.down_proj", [downs.Count, columns, rows], [.. downs.SelectMany(down => down.Values)]));
            Tensors.RemoveAll(tensor => tensor == router || gates.Contains(tensor) || ups.Contains(tensor) || downs.Contains(tensor));
            Tensors.Add(router with { Name = to + "gate.weight" });
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Small numbers that F16 and BF16 hold exactly, so that types can be compared without rounding.</summary>
    private static float Value(Prng random) => random.NextInt32(-64, 65) / 128f;
}
