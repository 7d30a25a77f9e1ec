using System.Globalization;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models;

/// <summary>The configuration of a Llama-family model as GGUF metadata.</summary>
internal static class ConfigurationGguf
{
    private const string Prefix = ModelConfiguration.ArchitectureName;
    private const string ArchitectureKey = "general.architecture";
    private const string ContextLengthKey = $"{Prefix}.context_length";
    private const string EmbeddingLengthKey = $"{Prefix}.embedding_length";
    private const string BlockCountKey = $"{Prefix}.block_count";
    private const string FeedForwardLengthKey = $"{Prefix}.feed_forward_length";
    private const string HeadCountKey = $"{Prefix}.attention.head_count";
    private const string KeyValueHeadCountKey = $"{Prefix}.attention.head_count_kv";
    private const string KeyLengthKey = $"{Prefix}.attention.key_length";
    private const string ValueLengthKey = $"{Prefix}.attention.value_length";
    private const string EpsilonKey = $"{Prefix}.attention.layer_norm_rms_epsilon";
    private const string RopeDimensionCountKey = $"{Prefix}.rope.dimension_count";
    private const string RopeThetaKey = $"{Prefix}.rope.freq_base";
    private const string VocabularySizeKey = $"{Prefix}.vocab_size";
    private const string ExpertCountKey = $"{Prefix}.expert_count";
    private const string RopeScalingTypeKey = $"{Prefix}.rope.scaling.type";
    private const string RopeScalingFactorKey = $"{Prefix}.rope.scaling.factor";
    private const string RopeLinearScaleKey = $"{Prefix}.rope.scale_linear";
    private const string TokensKey = "tokenizer.ggml.tokens";

    internal static ModelConfiguration Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var metadata = file.Metadata;
        var architecture = metadata.GetString(ArchitectureKey);
        if (architecture != ModelConfiguration.ArchitectureName)
        {
            throw Refused(
                file,
                $"architecture {Printable.Quote(architecture)} is not supported; "
                + $"architectures that work: {ModelConfiguration.ArchitectureName}");
        }

        RefuseVariants(file);
        var embedding = file.GetTensor(TensorNames.TokenEmbedding);
        var heads = metadata.GetInt32(HeadCountKey);
        var configuration = new ModelConfiguration
        {
            ContextLength = metadata.GetInt32(ContextLengthKey),
            EmbeddingLength = metadata.GetInt32(EmbeddingLengthKey),
            BlockCount = metadata.GetInt32(BlockCountKey),
            FeedForwardLength = metadata.GetInt32(FeedForwardLengthKey),
            HeadCount = heads,
            KeyValueHeadCount = metadata.FindInt32(KeyValueHeadCountKey) ?? heads,
            HeadLength = HeadLength(file, heads),
            RmsNormEpsilon = metadata.GetFloat32(EpsilonKey),
            RopeTheta = metadata.FindFloat32(RopeThetaKey) ?? ModelConfiguration.RopeThetaDefault,
            RopeDimensionCount = metadata.FindInt32(RopeDimensionCountKey) ?? HeadLength(file, heads),
            VocabularySize = VocabularySize(file, embedding),
            TiedHead = !file.TryGetTensor(TensorNames.Output, out _),
        };
        if (configuration.Problems().FirstOrDefault() is { } problem)
        {
            throw Refused(file, problem);
        }

        CheckTensors(file, configuration);
        return configuration;
    }

    internal static void Write(ModelConfiguration configuration, GgufWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var problem = configuration.Problems().FirstOrDefault();
        Check.Invariant(problem is null, $"an unsound configuration cannot be written: {problem}");
        writer.Set(ArchitectureKey, ModelConfiguration.ArchitectureName);
        writer.Set(ContextLengthKey, (uint)configuration.ContextLength);
        writer.Set(EmbeddingLengthKey, (uint)configuration.EmbeddingLength);
        writer.Set(BlockCountKey, (uint)configuration.BlockCount);
        writer.Set(FeedForwardLengthKey, (uint)configuration.FeedForwardLength);
        writer.Set(HeadCountKey, (uint)configuration.HeadCount);
        writer.Set(KeyValueHeadCountKey, (uint)configuration.KeyValueHeadCount);
        writer.Set(KeyLengthKey, (uint)configuration.HeadLength);
        writer.Set(ValueLengthKey, (uint)configuration.HeadLength);
        writer.Set(EpsilonKey, configuration.RmsNormEpsilon);
        writer.Set(RopeDimensionCountKey, (uint)configuration.RopeDimensionCount);
        writer.Set(RopeThetaKey, configuration.RopeTheta);
        writer.Set(VocabularySizeKey, (uint)configuration.VocabularySize);
    }

    /// <summary>Refuses members of the family whose extra parts would be ignored, giving wrong text instead of an error.</summary>
    private static void RefuseVariants(GgufFile file)
    {
        var metadata = file.Metadata;
        if (metadata.FindUInt32(ExpertCountKey) is > 0 and var experts)
        {
            throw Refused(file, $"{ExpertCountKey} is {experts}; models with experts are not supported");
        }

        var scaling = metadata.FindString(RopeScalingTypeKey) ?? "none";
        var factor = metadata.FindFloat32(RopeScalingFactorKey) ?? metadata.FindFloat32(RopeLinearScaleKey) ?? 1;
        if (scaling != "none" && !(scaling == "linear" && factor == 1))
        {
            throw Refused(file, $"{RopeScalingTypeKey} is {Printable.Quote(scaling)}; scaled rotary positions are not supported");
        }

        if (scaling == "none" && metadata.FindFloat32(RopeLinearScaleKey) is not (null or 1))
        {
            throw Refused(file, $"{RopeLinearScaleKey} is {factor}; scaled rotary positions are not supported");
        }
    }

    private static int HeadLength(GgufFile file, int heads)
    {
        var metadata = file.Metadata;
        var embedding = metadata.GetInt32(EmbeddingLengthKey);
        if (metadata.FindInt32(KeyLengthKey) is not { } key)
        {
            return heads > 0 && embedding % heads == 0
                ? embedding / heads
                : throw Refused(file, $"an embedding of {embedding} values does not divide into {heads} heads evenly");
        }

        var value = metadata.FindInt32(ValueLengthKey) ?? key;
        return key == value ? key : throw Refused(file, $"keys of {key} and values of {value} numbers; they must be equally long");
    }

    private static int VocabularySize(GgufFile file, GgufTensor embedding)
    {
        var rows = embedding.RowCount;
        foreach (var (key, size) in new[]
        {
            (VocabularySizeKey, file.Metadata.FindInt32(VocabularySizeKey)),
            (TokensKey, file.Metadata.FindArrayLength(TokensKey)),
        })
        {
            if (size is { } claimed && claimed != rows)
            {
                throw Refused(file, $"{key} says {claimed} tokens, but tensor {embedding} has {rows} rows");
            }
        }

        return rows <= int.MaxValue
            ? (int)rows
            : throw Refused(file, string.Create(CultureInfo.InvariantCulture, $"a vocabulary of {rows} tokens is too large"));
    }

    private static void CheckTensors(GgufFile file, ModelConfiguration configuration)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, dimensions) in configuration.Tensors())
        {
            var tensor = file.GetTensor(name);
            if (!tensor.Dimensions.SequenceEqual(dimensions))
            {
                throw Refused(file, $"tensor {tensor} should have the dimensions [{string.Join(", ", dimensions)}]");
            }

            if (!tensor.Type.IsSupported())
            {
                throw Refused(file, $"tensor {tensor}: this type is not supported; types that work: {GgmlTypeInfo.SupportedNames}");
            }

            expected.Add(name);
        }

        if (file.Tensors.FirstOrDefault(t => !expected.Contains(t.Name)) is { } stranger)
        {
            throw Refused(file, $"tensor {stranger} is no part of a plain Llama model; leaving it out would change the results");
        }
    }

    private static InvalidFormatException Refused(GgufFile file, string reason) => new($"{file.Name}: {reason}.");
}
