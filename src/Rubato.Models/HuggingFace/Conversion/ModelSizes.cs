using Rubato.Core;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>The sizes that config.json states, checked.</summary>
internal sealed record ModelSizes
{
    private const int SizeMax = 1 << 24;

    public required int Context { get; init; }

    public required int Embedding { get; init; }

    public required int Blocks { get; init; }

    public required int FeedForward { get; init; }

    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadLength { get; init; }

    public required int Vocabulary { get; init; }

    public required float Epsilon { get; init; }

    public long QueryLength => (long)Heads * HeadLength;

    public long KeyValueLength => (long)KeyValueHeads * HeadLength;

    /// <exception cref="InvalidFormatException">A size is missing or cannot be.</exception>
    public static ModelSizes Read(JsonFields config)
    {
        var heads = Size(config, "num_attention_heads");
        var embedding = Size(config, "hidden_size");
        var sizes = new ModelSizes
        {
            Context = Size(config, "max_position_embeddings"),
            Embedding = embedding,
            Blocks = Size(config, "num_hidden_layers"),
            FeedForward = Size(config, "intermediate_size"),
            Heads = heads,
            KeyValueHeads = config.Has("num_key_value_heads") ? Size(config, "num_key_value_heads") : heads,
            HeadLength = config.Has("head_dim") ? Size(config, "head_dim") : Divided(config, embedding, heads),
            Vocabulary = Size(config, "vocab_size"),
            Epsilon = config.GetSingle("rms_norm_eps"),
        };
        if (heads % sizes.KeyValueHeads != 0)
        {
            throw config.Refused($"{heads} attention heads cannot share {sizes.KeyValueHeads} key-value heads evenly");
        }

        if (sizes.QueryLength > SizeMax || sizes.HeadLength % 2 != 0)
        {
            throw config.Refused($"{heads} heads of {sizes.HeadLength} values: their length must be even, and all together at most {SizeMax}");
        }

        return sizes.Epsilon is > 0 and < 1 ? sizes : throw config.Refused($"rms_norm_eps is {sizes.Epsilon}; it must lie between 0 and 1");
    }

    /// <summary>A size in 1 … 2²⁴.</summary>
    public static int Size(JsonFields config, string name) => config.GetInt32(name) is >= 1 and <= SizeMax and var size
        ? size
        : throw config.Refused($"{name} is {config.GetInt32(name)}; it must lie in 1 … {SizeMax}");

    private static int Divided(JsonFields config, int embedding, int heads) => embedding % heads == 0
        ? embedding / heads
        : throw config.Refused($"a hidden_size of {embedding} does not divide into {heads} heads evenly, and there is no head_dim");
}
