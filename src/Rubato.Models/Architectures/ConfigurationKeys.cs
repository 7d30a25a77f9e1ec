namespace Rubato.Models.Architectures;

/// <summary>Names of the metadata keys of one architecture.</summary>
internal readonly struct ConfigurationKeys(string architecture)
{
    public const string Architecture = "general.architecture";
    public const string Tokens = "tokenizer.ggml.tokens";

    public string ContextLength => this["context_length"];

    public string EmbeddingLength => this["embedding_length"];

    public string BlockCount => this["block_count"];

    public string FeedForwardLength => this["feed_forward_length"];

    public string HeadCount => this["attention.head_count"];

    public string KeyValueHeadCount => this["attention.head_count_kv"];

    public string KeyLength => this["attention.key_length"];

    public string ValueLength => this["attention.value_length"];

    public string Epsilon => this["attention.layer_norm_rms_epsilon"];

    public string SlidingWindow => this["attention.sliding_window"];

    public string SlidingWindowPattern => this["attention.sliding_window_pattern"];

    public string AttentionSoftCap => this["attn_logit_softcapping"];

    public string LogitSoftCap => this["final_logit_softcapping"];

    public string RopeDimensionCount => this["rope.dimension_count"];

    public string RopeTheta => this["rope.freq_base"];

    public string LocalRopeTheta => this["rope.freq_base_swa"];

    public string RopeScalingKind => this["rope.scaling.type"];

    public string RopeScalingFactor => this["rope.scaling.factor"];

    public string RopeLinearScale => this["rope.scale_linear"];

    public string RopeAttentionFactor => this["rope.scaling.attn_factor"];

    public string RopeOriginalContextLength => this["rope.scaling.original_context_length"];

    public string RopeBetaFast => this["rope.scaling.yarn_beta_fast"];

    public string RopeBetaSlow => this["rope.scaling.yarn_beta_slow"];

    public string VocabularySize => this["vocab_size"];

    public string ExpertCount => this["expert_count"];

    public string ExpertUsedCount => this["expert_used_count"];

    public string ExpertFeedForwardLength => this["expert_feed_forward_length"];

    public string SharedExpertFeedForwardLength => this["expert_shared_feed_forward_length"];

    public string ExpertWeightsNorm => this["expert_weights_norm"];

    public string ExpertWeightsScale => this["expert_weights_scale"];

    public string this[string name] => $"{architecture}.{name}";
}
