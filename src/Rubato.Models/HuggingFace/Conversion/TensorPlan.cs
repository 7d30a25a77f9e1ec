using Rubato.Core;
using Rubato.Models.HuggingFace.Safetensors;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>Lists the tensors of the new file in order, each claimed from the checkpoint.</summary>
internal sealed class TensorPlan(ModelFamily family, ModelSizes sizes, JsonFields config, WeightClaims weights)
{
    private const string Embedding = "model.embed_tokens.weight";
    private const string Head = "lm_head.weight";
    private const string StackedGateUp = "experts.gate_up_proj";
    private const string StackedDown = "experts.down_proj";

    /// <summary>Whether the output head is the embedding.</summary>
    public bool IsTied { get; } = config.FindBoolean("tie_word_embeddings") ?? family.TiedByDefault;

    public IEnumerable<ConvertedTensor> Tensors()
    {
        var embedding = weights.Claim(Embedding, sizes.Vocabulary, sizes.Embedding);
        yield return ConvertedTensor.OfMatrix("token_embd.weight", embedding, reorderedHeads: 0);
        for (var block = 0; block < sizes.Blocks; block++)
        {
            foreach (var tensor in Attention(block).Concat(family.Experts == ExpertLayout.None ? FeedForward(block) : Experts(block)))
            {
                yield return tensor;
            }
        }

        yield return Norm("model.norm", "output_norm", sizes.Embedding);
        if (!IsTied)
        {
            yield return ConvertedTensor.OfMatrix("output.weight", weights.Claim(Head, sizes.Vocabulary, sizes.Embedding), reorderedHeads: 0);
        }
        else if (weights.Has(Head))
        {
            RefuseOtherHead(embedding, weights.Claim(Head, sizes.Vocabulary, sizes.Embedding));
        }
    }

    private IEnumerable<ConvertedTensor> Attention(int block)
    {
        var (from, to) = (Layer(block, "self_attn."), Block(block));
        yield return Norm(Layer(block, "input_layernorm"), to + "attn_norm", sizes.Embedding);
        if (family.FusedProjections)
        {
            yield return Matrix(from + "qkv_proj", to + "attn_qkv", sizes.QueryLength + 2 * sizes.KeyValueLength, sizes.Embedding);
        }
        else
        {
            var hasBias = family.QueryKeyValueBias || config.FindBoolean("attention_bias") == true;
            foreach (var (source, target, rows, heads) in new[]
            {
                ("q_proj", "attn_q", sizes.QueryLength, sizes.Heads), ("k_proj", "attn_k", sizes.KeyValueLength, sizes.KeyValueHeads),
                ("v_proj", "attn_v", sizes.KeyValueLength, 0),
            })
            {
                var reordered = family.NeighbouringRotary ? heads : 0;
                yield return Matrix(from + source, to + target, rows, sizes.Embedding, reordered);
                if (hasBias)
                {
                    yield return Bias(from + source, to + target, rows, reordered);
                }
            }
        }

        if (family.HeadNorms)
        {
            yield return Norm(from + "q_norm", to + "attn_q_norm", sizes.HeadLength);
            yield return Norm(from + "k_norm", to + "attn_k_norm", sizes.HeadLength);
        }

        yield return Matrix(from + "o_proj", to + "attn_output", sizes.Embedding, sizes.QueryLength);
        if (config.FindBoolean("attention_bias") == true)
        {
            yield return Bias(from + "o_proj", to + "attn_output", sizes.Embedding);
        }

        if (family.NormsAfterLayers)
        {
            yield return Norm(Layer(block, "post_attention_layernorm"), to + "post_attention_norm", sizes.Embedding);
        }
    }

    private IEnumerable<ConvertedTensor> FeedForward(int block)
    {
        var (from, to) = (Layer(block, "mlp."), Block(block));
        yield return FeedForwardNorm(block);
        if (family.FusedProjections)
        {
            yield return Matrix(from + "gate_up_proj", to + "ffn_up", 2L * sizes.FeedForward, sizes.Embedding);
            yield return Matrix(from + "down_proj", to + "ffn_down", sizes.Embedding, sizes.FeedForward);
            yield break;
        }

        foreach (var (source, target, rows, columns) in new[]
        {
            ("gate_proj", "ffn_gate", sizes.FeedForward, sizes.Embedding), ("up_proj", "ffn_up", sizes.FeedForward, sizes.Embedding),
            ("down_proj", "ffn_down", sizes.Embedding, sizes.FeedForward),
        })
        {
            yield return Matrix(from + source, to + target, rows, columns);
            if (config.FindBoolean("mlp_bias") == true)
            {
                yield return Bias(from + source, to + target, rows);
            }
        }

        if (family.NormsAfterLayers)
        {
            yield return Norm(Layer(block, "post_feedforward_layernorm"), to + "post_ffw_norm", sizes.Embedding);
        }
    }

    private IEnumerable<ConvertedTensor> Experts(int block)
    {
        var experts = ExpertSettings.Read(config, family);
        var isMixtral = family.Experts == ExpertLayout.Mixtral && !weights.Has(Layer(block, "mlp.gate.weight"));
        var (from, to) = (Layer(block, isMixtral ? "block_sparse_moe." : "mlp."), Block(block));
        yield return FeedForwardNorm(block);
        yield return ConvertedTensor.OfMatrixInF32(to + "ffn_gate_inp.weight", weights.Claim(from + "gate.weight", experts.Count, sizes.Embedding));
        foreach (var tensor in weights.Has(from + StackedGateUp) ? StackedExperts(from, to, experts) : SingleExperts(from, to, experts, isMixtral))
        {
            yield return tensor;
        }

        if (experts.SharedLength is { } shared)
        {
            yield return ConvertedTensor.OfOnlyRow(to + "ffn_gate_inp_shexp.weight", weights.Claim(from + "shared_expert_gate.weight", 1, sizes.Embedding));
            yield return Matrix(from + "shared_expert.gate_proj", to + "ffn_gate_shexp", shared, sizes.Embedding);
            yield return Matrix(from + "shared_expert.up_proj", to + "ffn_up_shexp", shared, sizes.Embedding);
            yield return Matrix(from + "shared_expert.down_proj", to + "ffn_down_shexp", sizes.Embedding, shared);
        }
    }

    /// <summary>Each expert's matrices on their own, as in all checkpoints of old.</summary>
    private IEnumerable<ConvertedTensor> SingleExperts(string from, string to, ExpertSettings experts, bool isMixtral)
    {
        foreach (var (source, target, rows, columns) in new[]
        {
            (isMixtral ? "w1" : "gate_proj", "ffn_gate_exps", experts.Length, sizes.Embedding),
            (isMixtral ? "w2" : "down_proj", "ffn_down_exps", sizes.Embedding, experts.Length),
            (isMixtral ? "w3" : "up_proj", "ffn_up_exps", experts.Length, sizes.Embedding),
        })
        {
            var parts = new List<StoredTensor>();
            for (var expert = 0; expert < experts.Count; expert++)
            {
                parts.Add(weights.Claim($"{from}experts.{expert}.{source}.weight", rows, columns));
            }

            yield return ConvertedTensor.OfStack($"{to}{target}.weight", [.. parts]);
        }
    }

    /// <summary>The matrices of all experts in two tensors of three dimensions, as version 5 of the transformers library holds them: gates above ups, and downs.</summary>
    private IEnumerable<ConvertedTensor> StackedExperts(string from, string to, ExpertSettings experts)
    {
        var gateUp = weights.Claim(from + StackedGateUp, experts.Count, 2L * experts.Length, sizes.Embedding);
        var down = weights.Claim(from + StackedDown, experts.Count, sizes.Embedding, experts.Length);
        yield return ConvertedTensor.OfStackedRows(to + "ffn_gate_exps.weight", gateUp, first: 0, experts.Length);
        yield return ConvertedTensor.OfStackedRows(to + "ffn_down_exps.weight", down, first: 0, sizes.Embedding);
        yield return ConvertedTensor.OfStackedRows(to + "ffn_up_exps.weight", gateUp, first: experts.Length, experts.Length);
    }

    private ConvertedTensor FeedForwardNorm(int block) =>
        Norm(Layer(block, family.NormsAfterLayers ? "pre_feedforward_layernorm" : "post_attention_layernorm"), Block(block) + "ffn_norm", sizes.Embedding);

    private ConvertedTensor Norm(string from, string to, long length) =>
        ConvertedTensor.OfVector(to + ".weight", weights.Claim(from + ".weight", length), reorderedHeads: 0, added: family.NormsLackOne ? 1 : 0);

    private ConvertedTensor Bias(string from, string to, long length, int reorderedHeads = 0) =>
        ConvertedTensor.OfVector(to + ".bias", weights.Claim(from + ".bias", length), reorderedHeads, added: 0);

    private ConvertedTensor Matrix(string from, string to, long rows, long columns, int reorderedHeads = 0) =>
        ConvertedTensor.OfMatrix(to + ".weight", weights.Claim(from + ".weight", rows, columns), reorderedHeads);

    private static string Layer(int block, string rest) => $"model.layers.{block}.{rest}";

    private static string Block(int block) => $"blk.{block}.";

    /// <summary>A head that the configuration ties to the embedding may be stored as well, if it is the same.</summary>
    private void RefuseOtherHead(StoredTensor embedding, StoredTensor head)
    {
        var (a, b) = (new float[sizes.Embedding], new float[sizes.Embedding]);
        for (var row = 0L; row < sizes.Vocabulary; row++)
        {
            embedding.File.ReadRow(embedding.Tensor, row, a);
            head.File.ReadRow(head.Tensor, row, b);
            if (!a.AsSpan().SequenceEqual(b))
            {
                throw new InvalidFormatException(
                    $"{head.File.Name}: config.json ties the output head to the embedding (tie_word_embeddings), but row {row} of {Head} is another: one of the two is wrong.");
            }
        }
    }
}
