using System.Globalization;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Architectures;

/// <summary>Reads a configuration from GGUF metadata, and holds it against the tensors of the file.</summary>
internal sealed class ConfigurationReader
{
    private readonly GgufFile _file;
    private readonly GgufMetadata _metadata;
    private readonly ModelArchitecture _architecture;
    private readonly ConfigurationKeys _keys;

    /// <exception cref="InvalidFormatException">The architecture is none of those that run.</exception>
    public ConfigurationReader(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        _metadata = file.Metadata;
        var name = _metadata.GetString(ConfigurationKeys.Architecture);
        _architecture = ModelArchitecture.Find(name) ?? throw Refused(
            $"architecture {Printable.Quote(name)} is not supported; architectures that work: {ModelArchitecture.Names}");
        _keys = new(name);
    }

    /// <exception cref="InvalidFormatException">The file contradicts itself, or holds something that would be ignored.</exception>
    public ModelConfiguration Read()
    {
        if (UnsupportedKeys.FirstIn(_metadata, _keys) is { } reason)
        {
            throw Refused(reason);
        }

        var configuration = ReadValues();
        if (configuration.Problems().FirstOrDefault() is { } problem)
        {
            throw Refused(problem);
        }

        CheckTensors(configuration);
        return configuration;
    }

    private ModelConfiguration ReadValues()
    {
        var heads = _metadata.GetInt32(_keys.HeadCount);
        var context = _metadata.GetInt32(_keys.ContextLength);
        var experts = ReadExperts();
        var headLength = HeadLength(heads);
        var scaling = new RotaryScalingReader(_file, _keys).Read(context, HasShortAndLongFactors);
        var window = ReadWindow(context);
        return new()
        {
            Architecture = _architecture,
            ContextLength = context,
            EmbeddingLength = _metadata.GetInt32(_keys.EmbeddingLength),
            BlockCount = _metadata.GetInt32(_keys.BlockCount),
            FeedForwardLength = FeedForwardLength(experts),
            HeadCount = heads,
            KeyValueHeadCount = _metadata.FindInt32(_keys.KeyValueHeadCount) ?? heads,
            HeadLength = headLength,
            RmsNormEpsilon = _metadata.GetFloat32(_keys.Epsilon),
            RopeTheta = _metadata.FindFloat32(_keys.RopeTheta) ?? ModelConfiguration.RopeThetaDefault,
            LocalRopeTheta = window > 0 ? _metadata.FindFloat32(_keys.LocalRopeTheta) ?? _architecture.LocalRopeThetaDefault : null,
            RopeDimensionCount = _metadata.FindInt32(_keys.RopeDimensionCount) ?? headLength,
            RopeScaling = scaling,
            RopeFactors = FactorsIn(scaling),
            VocabularySize = VocabularySize(_file.GetTensor(TensorNames.TokenEmbedding)),
            TiedHead = !Has(TensorNames.Output),
            FusesQueryKeyValue = Has(TensorNames.AttentionQueryKeyValue(0)),
            HasQueryKeyValueBias = Has(TensorNames.AttentionQueryBias(0)) || Has(TensorNames.AttentionQueryKeyValueBias(0)),
            HasAttentionOutputBias = Has(TensorNames.AttentionOutputBias(0)),
            HasFeedForwardBias = Has(TensorNames.FeedForwardDownBias(0)),
            SlidingWindow = window,
            SlidingWindowPeriod = window > 0 ? SlidingWindowPattern.ReadPeriod(_file, _keys, _architecture) : 0,
            AttentionSoftCap = _metadata.FindFloat32(_keys.AttentionSoftCap) ?? _architecture.AttentionSoftCapDefault,
            LogitSoftCap = _metadata.FindFloat32(_keys.LogitSoftCap) ?? _architecture.LogitSoftCapDefault,
            Experts = experts,
        };
    }

    private bool HasShortAndLongFactors =>
        _architecture.ShortAndLongFactors && Has(TensorNames.RopeFactorsLong) && Has(TensorNames.RopeFactorsShort);

    private bool Has(string tensor) => _file.TryGetTensor(tensor, out _);

    private int FeedForwardLength(ExpertConfiguration? experts) =>
        _metadata.FindInt32(_keys.FeedForwardLength) ?? experts?.FeedForwardLength ?? _metadata.GetInt32(_keys.FeedForwardLength);

    private ExpertConfiguration? ReadExperts()
    {
        var count = _metadata.FindInt32(_keys.ExpertCount) ?? 0;
        if (count == 0 && _architecture.Experts != ExpertUse.Always)
        {
            return null;
        }

        if (_file.Tensors.FirstOrDefault(t => t.Name.StartsWith("blk.0.ffn_gate.0.", StringComparison.Ordinal)) is { } single)
        {
            throw Refused($"tensor {single} is one expert by itself, an old layout that is not supported; convert the model anew");
        }

        var used = _metadata.GetInt32(_keys.ExpertUsedCount);
        var dense = _metadata.FindInt32(_keys.FeedForwardLength);
        return new()
        {
            Count = count,
            UsedCount = used,
            FeedForwardLength = _metadata.FindInt32(_keys.ExpertFeedForwardLength) is { } inner and not 0 ? inner
                : _architecture.Experts == ExpertUse.Optional ? dense ?? 0 : (dense ?? 0) / Math.Max(used, 1),
            SharedFeedForwardLength = !_architecture.HasSharedExpert ? _metadata.FindInt32(_keys.SharedExpertFeedForwardLength) ?? 0
                : _metadata.FindInt32(_keys.SharedExpertFeedForwardLength) is { } shared and not 0 ? shared : dense ?? 0,
            NormalizesWeights = _metadata.FindBoolean(_keys.ExpertWeightsNorm) ?? _architecture.NormalizesExpertWeights,
            WeightScale = _metadata.FindFloat32(_keys.ExpertWeightsScale) is { } scale and not 0 ? scale : 1,
        };
    }

    /// <summary>The window; one that is as long as the context changes nothing, so that architectures without windows may have it.</summary>
    private int ReadWindow(int context)
    {
        var window = _metadata.FindInt32(_keys.SlidingWindow) ?? _architecture.WindowDefault;
        return _architecture.WindowPeriodDefault is null && window >= context ? 0 : window;
    }

    private RotaryFactors FactorsIn(RotaryScaling scaling)
    {
        var factors = _architecture.FrequencyFactors && Has(TensorNames.RopeFrequencies) ? RotaryFactors.Frequencies
            : HasShortAndLongFactors ? RotaryFactors.ShortAndLong
            : RotaryFactors.None;
        return scaling.Kind == RotaryScalingKind.LongRope == (factors == RotaryFactors.ShortAndLong) ? factors
            : throw Refused(
                $"{_keys.RopeScalingKind} is {Printable.Quote(_metadata.FindString(_keys.RopeScalingKind) ?? "absent")}; with \"longrope\", and only with it, "
                + $"come the tensors {TensorNames.RopeFactorsLong} and {TensorNames.RopeFactorsShort}");
    }

    private int HeadLength(int heads)
    {
        var embedding = _metadata.GetInt32(_keys.EmbeddingLength);
        if (_metadata.FindInt32(_keys.KeyLength) is not { } key)
        {
            return heads > 0 && embedding % heads == 0
                ? embedding / heads
                : throw Refused($"an embedding of {embedding} values does not divide into {heads} heads evenly");
        }

        var value = _metadata.FindInt32(_keys.ValueLength) ?? key;
        return key == value ? key : throw Refused($"keys of {key} and values of {value} numbers; they must be equally long");
    }

    private int VocabularySize(GgufTensor embedding)
    {
        var rows = embedding.RowCount;
        foreach (var (key, size) in new[]
        {
            (_keys.VocabularySize, _metadata.FindInt32(_keys.VocabularySize)),
            (ConfigurationKeys.Tokens, _metadata.FindArrayLength(ConfigurationKeys.Tokens)),
        })
        {
            if (size is { } claimed && claimed != rows)
            {
                throw Refused($"{key} says {claimed} tokens, but tensor {embedding} has {rows} rows");
            }
        }

        return rows <= int.MaxValue
            ? (int)rows
            : throw Refused(string.Create(CultureInfo.InvariantCulture, $"a vocabulary of {rows} tokens is too large"));
    }

    private void CheckTensors(ModelConfiguration configuration)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, dimensions) in configuration.Tensors())
        {
            var tensor = _file.GetTensor(name);
            if (!tensor.Dimensions.SequenceEqual(dimensions))
            {
                throw Refused($"tensor {tensor} should have the dimensions [{string.Join(", ", dimensions)}]");
            }

            if (!tensor.Type.IsSupported())
            {
                throw Refused($"tensor {tensor}: this type is not supported; types that work: {GgmlTypeInfo.SupportedNames}");
            }

            expected.Add(name);
        }

        if (_file.Tensors.FirstOrDefault(t => !expected.Contains(t.Name)) is { } stranger)
        {
            throw Refused(
                $"tensor {stranger} is no part of a {_architecture} model as it is known here; leaving it out would change the results");
        }
    }

    private InvalidFormatException Refused(string reason) => new($"{_file.Name}: {reason}.");
}
