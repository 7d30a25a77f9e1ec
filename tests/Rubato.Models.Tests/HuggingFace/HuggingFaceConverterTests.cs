using System.Text.Json.Nodes;
using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.HuggingFace.Conversion;

namespace Rubato.Models.Tests.HuggingFace;

public sealed class HuggingFaceConverterTests
{
    public static TheoryData<string> Families => [.. CheckpointShape.Families];

    /// <summary>Every number of the checkpoint comes to its place, whatever the type of the file and however many files hold it.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Every_weight_arrives(string family)
    {
        foreach (var (type, shards) in new[] { ("F32", 1), ("BF16", 3), ("F16", 2), ("F64", 1) })
        {
            using var folder = new CheckpointFolder(new(family) { Tied = shards == 3 }).Save(type, shards);
            using var file = Convert(folder);
            Assert.Equal(ModelConfiguration.FromGguf(file).Tensors().Select(tensor => tensor.Name).Order(), file.Tensors.Select(tensor => tensor.Name).Order());
            var left = folder.Tensors.ToDictionary(tensor => tensor.Name);
            foreach (var tensor in file.Tensors)
            {
                var rows = tensor.Dimensions.Length == 1 ? Rows(file, tensor)[0] : [.. Rows(file, tensor).SelectMany(row => row)];
                var expected = Expected(family, tensor.Name, folder, left);
                Assert.Equal(expected, rows);
                Assert.Equal(tensor.Dimensions.Length == 1 || tensor.Name.Contains("ffn_gate_inp", StringComparison.Ordinal) ? GgmlType.F32 : type == "F64" ? GgmlType.F32 : Enum.Parse<GgmlType>(type), tensor.Type);
            }

            Assert.Empty(left.Keys);
        }
    }

    /// <summary>Experts in two tensors of three dimensions, as version 5 of the transformers library names and holds them, give the file that single ones give.</summary>
    [Theory]
    [InlineData("Qwen2MoeForCausalLM", "F32")]
    [InlineData("Qwen3MoeForCausalLM", "BF16")]
    [InlineData("MixtralForCausalLM", "F16")]
    public void Stacked_experts_give_the_file_of_single_ones(string family, string type)
    {
        using var folder = new CheckpointFolder(new(family)).Save(type);
        var (single, singleReport) = Written(folder);
        folder.StackExperts();
        folder.Save(type, shards: 2);
        Assert.Contains(folder.Tensors, tensor => tensor.Name == "model.layers.1.mlp.experts.gate_up_proj" && tensor.Shape.Length == 3);
        var (stacked, stackedReport) = Written(folder);
        Assert.Equal(single, stacked);
        Assert.Equal(singleReport.SourceBytes, stackedReport.SourceBytes);
        Assert.Equal(singleReport.ParameterCount, stackedReport.ParameterCount);

        var down = folder["model.layers.0.mlp.experts.down_proj"];
        folder.Tensors.Remove(down);
        folder.Save(type);
        Assert.Contains("'model.layers.0.mlp.experts.down_proj' is missing", Refusal(folder, null), StringComparison.Ordinal);
        folder.Tensors.Add(down with { Shape = [down.Shape[0], down.Shape[2], down.Shape[1]] });
        folder.Save(type);
        Assert.Contains("should have the shape", Refusal(folder, null), StringComparison.Ordinal);
    }

    /// <summary>A query and a key that are rotated as the checkpoint pairs values, and as GGUF does after the reordering, have the same product.</summary>
    [Fact]
    public void Reordered_queries_and_keys_rotate_to_the_same_products()
    {
        using var folder = new CheckpointFolder(new("LlamaForCausalLM")).Save();
        using var file = Convert(folder);
        const int Length = CheckpointShape.HeadLength;
        var random = new Prng(9);
        double[] x = [.. Enumerable.Range(0, CheckpointShape.Embedding).Select(_ => random.NextDouble() - 0.5)];
        double[] Vector(float[][] rows, int head) => [.. Enumerable.Range(head * Length, Length).Select(row => rows[row].Zip(x, (a, b) => a * b).Sum())];
        float[][] Stored(string name) => [.. folder[name].Values.Chunk(CheckpointShape.Embedding)];
        for (var head = 0; head < CheckpointShape.KeyValueHeads; head++)
        {
            var theirs = Rotated(Vector(Stored("model.layers.0.self_attn.q_proj.weight"), head), 5, neighbours: false)
                .Zip(Rotated(Vector(Stored("model.layers.0.self_attn.k_proj.weight"), head), 2, neighbours: false), (a, b) => a * b).Sum();
            var ours = Rotated(Vector(Rows(file, file.GetTensor("blk.0.attn_q.weight")), head), 5, neighbours: true)
                .Zip(Rotated(Vector(Rows(file, file.GetTensor("blk.0.attn_k.weight")), head), 2, neighbours: true), (a, b) => a * b).Sum();
            Assert.Equal(theirs, ours, 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Metadata_states_the_configuration(string family)
    {
        using var folder = new CheckpointFolder(new(family)).Save();
        using var file = Convert(folder);
        var metadata = file.Metadata;
        var architecture = metadata.GetString("general.architecture");
        Assert.Equal(CheckpointShape.Embedding, metadata.GetInt32($"{architecture}.embedding_length"));
        Assert.Equal(folder.Shape.Layers, metadata.GetInt32($"{architecture}.block_count"));
        Assert.Equal(CheckpointShape.FeedForward, metadata.GetInt32($"{architecture}.feed_forward_length"));
        Assert.Equal(CheckpointShape.Heads, metadata.GetInt32($"{architecture}.attention.head_count"));
        Assert.Equal(CheckpointShape.KeyValueHeads, metadata.GetInt32($"{architecture}.attention.head_count_kv"));
        Assert.Equal(CheckpointShape.HeadLength, metadata.GetInt32($"{architecture}.attention.key_length"));
        Assert.Equal(256, metadata.GetInt32($"{architecture}.context_length"));
        Assert.Equal(1e-5f, metadata.GetFloat32($"{architecture}.attention.layer_norm_rms_epsilon"));
        Assert.Equal(10_000, metadata.GetFloat32($"{architecture}.rope.freq_base"));
        Assert.Equal(folder.Shape.IsMoe ? CheckpointShape.ExpertCount : null, metadata.FindInt32($"{architecture}.expert_count"));
        Assert.Equal(folder.Shape.IsMoe ? 2 : null, metadata.FindInt32($"{architecture}.expert_used_count"));
        Assert.Equal(
            folder.Shape.HasLaterNorms ? 128 : family == "Phi3ForCausalLM" ? 0 : null, metadata.FindInt32($"{architecture}.attention.sliding_window"));
        Assert.Equal(family == "Gemma2ForCausalLM" ? 30 : null, metadata.FindFloat32($"{architecture}.final_logit_softcapping"));
        Assert.Equal("{{ messages[0].content }}", metadata.GetString("tokenizer.chat_template"));
    }

    [Fact]
    public void Rotary_scaling_is_stated_or_refused()
    {
        AssertMetadata("Qwen2ForCausalLM", Scaling("yarn", ("factor", 4.0), ("original_max_position_embeddings", 64)), metadata =>
        {
            Assert.Equal("yarn", metadata.GetString("qwen2.rope.scaling.type"));
            Assert.Equal(4, metadata.GetFloat32("qwen2.rope.scaling.factor"));
            Assert.Equal(64, metadata.GetInt32("qwen2.rope.scaling.original_context_length"));
        });
        AssertMetadata("LlamaForCausalLM", Scaling("linear", ("factor", 2.0)), metadata => Assert.Equal("linear", metadata.GetString("llama.rope.scaling.type")));
        AssertRefused("LlamaForCausalLM", folder => folder.Config["rope_scaling"] = Scaling("dynamic", ("factor", 2.0)), "'dynamic' are not supported");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["rope_scaling"] = Scaling("linear", ("factor", -2.0)), "factor is -2");
        AssertRefused("Qwen2ForCausalLM", folder => folder.Config["rope_scaling"] = Scaling("llama3", ("factor", 8.0)), "supported are default, linear, yarn");
    }

    /// <summary>Dividing the frequencies by the factors gives what Llama 3.1's published rule gives.</summary>
    [Fact]
    public void Llama3_factors_follow_the_published_rule()
    {
        using var folder = new CheckpointFolder(new("LlamaForCausalLM"));
        folder.Config["rope_scaling"] = Scaling("llama3", ("factor", 8.0), ("low_freq_factor", 1.0), ("high_freq_factor", 4.0), ("original_max_position_embeddings", 8192));
        folder.Config["rope_theta"] = 500_000.0;
        folder.Save();
        using var file = Convert(folder);
        var factors = Rows(file, file.GetTensor("rope_freqs.weight"))[0];
        Assert.Equal(CheckpointShape.HeadLength / 2, factors.Length);
        for (var i = 0; i < factors.Length; i++)
        {
            var frequency = Math.Pow(500_000, -2.0 * i / CheckpointShape.HeadLength);
            var turns = 8192 * frequency / (2 * Math.PI);
            var expected = turns > 4 ? frequency : turns < 1 ? frequency / 8 : frequency * ((turns - 1) / 3 + (4 - turns) / 3 / 8);
            Assert.Equal(expected, frequency / factors[i], 1e-7);
        }
    }

    [Fact]
    public void Phi3_long_factors_become_tensors()
    {
        using var folder = new CheckpointFolder(new("Phi3ForCausalLM"));
        JsonArray Numbers(double first) => new([.. Enumerable.Range(0, CheckpointShape.HeadLength / 2).Select(i => (JsonNode)(first + i))]);
        folder.Config["rope_scaling"] = new JsonObject { ["type"] = "longrope", ["long_factor"] = Numbers(4), ["short_factor"] = Numbers(1) };
        folder.Config["original_max_position_embeddings"] = 64;
        folder.Save();
        using var file = Convert(folder);
        Assert.Equal([4, 5, 6, 7, 8, 9, 10, 11], Rows(file, file.GetTensor("rope_factors_long.weight"))[0]);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], Rows(file, file.GetTensor("rope_factors_short.weight"))[0]);
        Assert.Equal(64, file.Metadata.GetInt32("phi3.rope.scaling.original_context_length"));
        Assert.Equal(Math.Sqrt(1 + Math.Log(4) / Math.Log(64)), file.Metadata.GetFloat32("phi3.rope.scaling.attn_factor"), 1e-6);
    }

    [Fact]
    public void Faults_are_refused_by_name_and_leave_no_file()
    {
        AssertRefused("LlamaForCausalLM", folder => folder.Tensors.Remove(folder["model.layers.1.mlp.up_proj.weight"]), "'model.layers.1.mlp.up_proj.weight' is missing");
        AssertRefused("LlamaForCausalLM", folder => folder.Tensors.Add(new("model.layers.0.mlp.extra", [2], [1, 2])), "'model.layers.0.mlp.extra' is not known");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["intermediate_size"] = 95, "should have the shape [95, 64]");
        AssertRefused("LlamaForCausalLM", folder => folder["model.norm.weight"].Values[3] = float.NaN, "'model.norm.weight' (output_norm.weight row 0, value 3) is NaN");
        AssertRefused("LlamaForCausalLM", folder => folder["model.embed_tokens.weight"].Values[70] = float.PositiveInfinity, "not a finite number");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["architectures"] = new JsonArray("FalconForCausalLM"), "'FalconForCausalLM' is not supported; architectures that work: LlamaForCausalLM");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["quantization_config"] = new JsonObject { ["quant_method"] = "gptq" }, "quantised ('gptq')");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["hidden_act"] = "relu", "the activation 'relu'");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["num_hidden_layers"] = 0, "num_hidden_layers is 0");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["num_hidden_layers"] = 16_000_000, "'model.layers.2.input_layernorm.weight' is missing");
        AssertRefused("MixtralForCausalLM", folder => folder.Config["num_local_experts"] = 4096, "should have the shape [4096, 64]");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["num_key_value_heads"] = 3, "cannot share 3 key-value heads");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["rms_norm_eps"] = 0, "rms_norm_eps is 0");
        AssertRefused("Qwen3MoeForCausalLM", folder => folder.Config["norm_topk_prob"] = false, "norm_topk_prob is false");
        AssertRefused("Gemma2ForCausalLM", folder => folder.Config["query_pre_attn_scalar"] = 99, "query_pre_attn_scalar is 99");
        AssertRefused("Gemma3ForCausalLM", folder => folder.Config["sliding_window_pattern"] = 2, "window of attention");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["tie_word_embeddings"] = true, "ties the output head");
        AssertRefused("LlamaForCausalLM", folder => folder.Config["vocab_size"] = 200, "(vocab_size)");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors")]
    public void Missing_files_are_named(string name)
    {
        using var folder = new CheckpointFolder(new("LlamaForCausalLM")).Save();
        File.Delete(folder.Path(name));
        var message = Assert.Throws<RubatoException>(() => HuggingFaceConverter.Open(folder.Root)).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains("there is no ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Harmless_extra_tensors_are_left_out()
    {
        using var folder = new CheckpointFolder(new("GemmaForCausalLM"));
        folder.Tensors.Add(new("model.layers.0.self_attn.rotary_emb.inv_freq", [8], new float[8]));
        folder.Tensors.Add(new("lm_head.weight", folder["model.embed_tokens.weight"].Shape, folder["model.embed_tokens.weight"].Values));
        folder.Save();
        using var file = Convert(folder);
        Assert.False(file.TryGetTensor("output.weight", out _));
    }

    [Fact]
    public void Numbers_too_large_for_half_precision_are_refused_for_it_only()
    {
        using var folder = new CheckpointFolder(new("LlamaForCausalLM"));
        folder["model.embed_tokens.weight"].Values[0] = 70_000;
        folder.Save();
        Assert.Contains("too large for F16", Refusal(folder, GgmlType.F16), StringComparison.Ordinal);
        using var file = Convert(folder, GgmlType.BF16);
        Assert.Equal(GgmlType.BF16, file.GetTensor("token_embd.weight").Type);
    }

    [Theory]
    [InlineData("Q8_0")]
    [InlineData("Q4_K")]
    [InlineData("Q4_0")]
    public void Matrices_get_the_type_that_is_asked_for(string name)
    {
        var type = Enum.Parse<GgmlType>(name);
        using var folder = new CheckpointFolder(new("Qwen2MoeForCausalLM")).Save("BF16");
        using var file = Convert(folder, type);
        var expected = name == "Q4_K" ? GgmlType.Q5_0 : type; // Rows of 64 values are no whole blocks of 256.
        Assert.Equal(expected, file.GetTensor("blk.0.attn_q.weight").Type);
        Assert.Equal(expected, file.GetTensor("blk.0.ffn_gate_exps.weight").Type);
        Assert.Equal(GgmlType.F32, file.GetTensor("blk.0.ffn_gate_inp.weight").Type);
        Assert.Equal(GgmlType.F32, file.GetTensor("blk.0.attn_q.bias").Type);
    }

    [Fact]
    public void The_file_takes_its_place_at_once_and_refuses_the_folders_own()
    {
        using var folder = new CheckpointFolder(new("LlamaForCausalLM")).Save();
        using var converter = HuggingFaceConverter.Open(folder.Root);
        Assert.Throws<InvalidOptionException>(() => converter.Write(folder.Path("model.safetensors")));
        var shares = new List<double>();
        converter.Write(folder.Path("out.gguf"), shares.Add);
        Assert.Equal(1, shares[^1], 1e-9);
        using var file = GgufFile.Open(folder.Path("out.gguf"));
        Assert.Equal(converter.Report.Bytes, file.Tensors.Sum(tensor => tensor.ByteLength));
        Assert.Equal(converter.Report.ParameterCount, file.Tensors.Sum(tensor => tensor.ElementCount));
        _ = ModelConfiguration.FromGguf(file);
        Assert.Empty(converter.Report.Notes);
    }

    /// <summary>What the checkpoint says about the numbers of a tensor of the new file; takes its tensors from <paramref name="left"/>.</summary>
    private static float[] Expected(string family, string name, CheckpointFolder folder, Dictionary<string, TestTensor> left)
    {
        float[] Take(string source)
        {
            left.Remove(source);
            return folder[source].Values;
        }

        switch (name)
        {
            case "token_embd.weight": return Take("model.embed_tokens.weight");
            case "output.weight": return Take("lm_head.weight");
            case "output_norm.weight": return Norm("model.norm.weight");
        }

        var layer = $"model.layers.{name.Split('.')[1]}.";
        var (part, suffix) = (name.Split('.')[2], name.Split('.')[3]);
        var moe = layer + (family == "MixtralForCausalLM" ? "block_sparse_moe." : "mlp.");
        float[] Stack(string qwen, string mixtral) => [.. Enumerable.Range(0, CheckpointShape.ExpertCount).SelectMany(i => Take($"{moe}experts.{i}.{(family == "MixtralForCausalLM" ? mixtral : qwen)}.weight"))];
        float[] Norm(string source) => [.. Take(source).Select(value => folder.Shape.IsGemma ? value + 1 : value)];
        float[] Rotary(string source, int heads) => family is "LlamaForCausalLM" or "MistralForCausalLM" or "MixtralForCausalLM" ? Reorder(Take(source), heads) : Take(source);
        return part switch
        {
            "attn_norm" => Norm(layer + "input_layernorm.weight"),
            "ffn_norm" => Norm(layer + (folder.Shape.HasLaterNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight")),
            "post_attention_norm" => Norm(layer + "post_attention_layernorm.weight"),
            "post_ffw_norm" => Norm(layer + "post_feedforward_layernorm.weight"),
            "attn_q_norm" => Norm(layer + "self_attn.q_norm.weight"),
            "attn_k_norm" => Norm(layer + "self_attn.k_norm.weight"),
            "attn_q" => Rotary($"{layer}self_attn.q_proj.{suffix}", CheckpointShape.Heads),
            "attn_k" => Rotary($"{layer}self_attn.k_proj.{suffix}", CheckpointShape.KeyValueHeads),
            "attn_v" => Take($"{layer}self_attn.v_proj.{suffix}"),
            "attn_qkv" => Take(layer + "self_attn.qkv_proj.weight"),
            "attn_output" => Take(layer + "self_attn.o_proj.weight"),
            "ffn_gate" => Take(layer + "mlp.gate_proj.weight"),
            "ffn_up" => Take(layer + (family == "Phi3ForCausalLM" ? "mlp.gate_up_proj.weight" : "mlp.up_proj.weight")),
            "ffn_down" => Take(layer + "mlp.down_proj.weight"),
            "ffn_gate_inp" => Take(moe + "gate.weight"),
            "ffn_gate_exps" => Stack("gate_proj", "w1"),
            "ffn_up_exps" => Stack("up_proj", "w3"),
            "ffn_down_exps" => Stack("down_proj", "w2"),
            "ffn_gate_inp_shexp" => Take(moe + "shared_expert_gate.weight"),
            "ffn_gate_shexp" => Take(moe + "shared_expert.gate_proj.weight"),
            "ffn_up_shexp" => Take(moe + "shared_expert.up_proj.weight"),
            "ffn_down_shexp" => Take(moe + "shared_expert.down_proj.weight"),
            _ => throw new InvalidOperationException(name),
        };
    }

    /// <summary>Rows of each head: first and second half interleaved.</summary>
    private static float[] Reorder(float[] values, int heads)
    {
        var rows = values.Chunk(CheckpointShape.Embedding).Chunk(CheckpointShape.HeadLength).ToArray();
        Assert.Equal(heads, rows.Length);
        const int Half = CheckpointShape.HeadLength / 2;
        return [.. rows.SelectMany(head => head[..Half].Zip(head[Half..], (first, second) => (float[])[.. first, .. second]).SelectMany(pair => pair))];
    }

    private static double[] Rotated(double[] vector, int position, bool neighbours)
    {
        var half = vector.Length / 2;
        var result = new double[vector.Length];
        for (var i = 0; i < half; i++)
        {
            var (sin, cos) = Math.SinCos(position * Math.Pow(10_000, -2.0 * i / vector.Length));
            var (a, b) = neighbours ? (2 * i, 2 * i + 1) : (i, i + half);
            result[a] = vector[a] * cos - vector[b] * sin;
            result[b] = vector[a] * sin + vector[b] * cos;
        }

        return result;
    }

    private static (byte[] File, ConversionReport Report) Written(CheckpointFolder folder)
    {
        using var converter = HuggingFaceConverter.Open(folder.Root);
        using var stream = new MemoryStream();
        converter.WriteTo(stream);
        return (stream.ToArray(), converter.Report);
    }

    internal static GgufFile Convert(CheckpointFolder folder, GgmlType? type = null)
    {
        using var converter = HuggingFaceConverter.Open(folder.Root, type);
        using var stream = new MemoryStream();
        converter.WriteTo(stream);
        return GgufFile.Parse(stream.ToArray(), "converted.gguf");
    }

    private static float[][] Rows(GgufFile file, GgufTensor tensor)
    {
        var rows = new float[tensor.RowCount][];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = new float[tensor.RowLength];
            file.ReadRow(tensor, row, rows[row]);
        }

        return rows;
    }

    private static JsonObject Scaling(string type, params (string Name, double Value)[] values)
    {
        var scaling = new JsonObject { ["rope_type"] = type };
        foreach (var (name, value) in values)
        {
            scaling[name] = value;
        }

        return scaling;
    }

    private static void AssertMetadata(string family, JsonObject scaling, Action<GgufMetadata> check)
    {
        using var folder = new CheckpointFolder(new(family));
        folder.Config["rope_scaling"] = scaling;
        folder.Save();
        using var file = Convert(folder);
        check(file.Metadata);
    }

    private static void AssertRefused(string family, Action<CheckpointFolder> change, string expected)
    {
        using var folder = new CheckpointFolder(new(family));
        change(folder);
        folder.Save();
        var message = Refusal(folder, null);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Root), path => path.Contains("gguf", StringComparison.Ordinal));
    }

    private static string Refusal(CheckpointFolder folder, GgmlType? type) => Assert.Throws<InvalidFormatException>(() =>
    {
        using var converter = HuggingFaceConverter.Open(folder.Root, type);
        converter.Write(folder.Path("out.gguf"));
    }).Message;
}
