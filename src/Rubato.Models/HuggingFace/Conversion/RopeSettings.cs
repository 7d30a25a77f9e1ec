using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>What config.json says of rotary positions: in older files in rope_theta and rope_scaling, in newer ones in rope_parameters.</summary>
internal sealed record RopeSettings
{
    private const float ThetaDefault = 10_000;

    /// <summary>Base of the angles.</summary>
    public required float Theta { get; init; }

    /// <summary>Base of the angles in layers of local attention, where it differs.</summary>
    public float? LocalTheta { get; init; }

    /// <summary>"default", "linear", "yarn", "llama3" or "longrope".</summary>
    public required string Kind { get; init; }

    /// <summary>The object that the other values come from, or null.</summary>
    public required JsonFields? Scaling { get; init; }

    /// <summary>Share of a head that is turned.</summary>
    public required float PartialFactor { get; init; }

    /// <exception cref="InvalidFormatException">Values of wrong types or outside their ranges, or an unknown kind.</exception>
    public static RopeSettings Read(JsonFields config, ModelFamily family)
    {
        var parameters = config.FindObject("rope_parameters");
        var local = parameters?.FindObject("sliding_attention");
        parameters = parameters?.FindObject("full_attention") ?? parameters;
        var scaling = parameters ?? config.FindObject("rope_scaling");
        var kind = scaling?.FindString("rope_type") ?? scaling?.FindString("type") ?? "default";
        var settings = new RopeSettings
        {
            Theta = parameters?.FindSingle("rope_theta") ?? config.FindSingle("rope_theta") ?? (family.Window == WindowRule.FiveOfSixLayers ? 1_000_000 : ThetaDefault),
            LocalTheta = local?.FindSingle("rope_theta") ?? config.FindSingle("rope_local_base_freq"),
            Kind = kind == "su" ? "longrope" : kind,
            Scaling = scaling,
            PartialFactor = parameters?.FindSingle("partial_rotary_factor") ?? config.FindSingle("partial_rotary_factor") ?? 1,
        };
        settings.Check(config, family);
        return settings;
    }

    /// <summary>How many values of a head are turned.</summary>
    public int DimensionCount(ModelSizes sizes) => (int)(PartialFactor * sizes.HeadLength);

    /// <summary>Sets the architecture's keys.</summary>
    public void AddMetadata(string architecture, ModelSizes sizes, JsonFields config, IDictionary<string, GgufValue> metadata)
    {
        var prefix = $"{architecture}.rope.";
        metadata[prefix + "dimension_count"] = (uint)DimensionCount(sizes);
        metadata[prefix + "freq_base"] = Theta;
        if (LocalTheta is { } local && local != ThetaDefault)
        {
            metadata[prefix + "freq_base_swa"] = local;
        }

        if (architecture == "phi3")
        {
            metadata[prefix + "scaling.original_context_length"] = (uint)OriginalContext(sizes, config);
            if (Kind == "longrope")
            {
                metadata[prefix + "scaling.attn_factor"] = LongFactorOfAttention(sizes, config);
            }

            return;
        }

        if (Kind is "linear" or "yarn")
        {
            metadata[prefix + "scaling.type"] = Kind;
            metadata[prefix + "scaling.factor"] = Factor();
        }

        if (Kind == "yarn")
        {
            metadata[prefix + "scaling.original_context_length"] = (uint)OriginalContext(sizes, config);
            AddYarn(prefix + "scaling.", metadata);
        }
    }

    /// <summary>The tensors of factors that belong to the positions.</summary>
    public IEnumerable<ConvertedTensor> Tensors(ModelSizes sizes, JsonFields config)
    {
        if (Kind == "llama3")
        {
            yield return ConvertedTensor.OfConstants("rope_freqs.weight", Llama3Factors(sizes));
        }
        else if (Kind == "longrope")
        {
            yield return ConvertedTensor.OfConstants("rope_factors_long.weight", LongFactors("long_factor", sizes, config));
            yield return ConvertedTensor.OfConstants("rope_factors_short.weight", LongFactors("short_factor", sizes, config));
        }
    }

    private void Check(JsonFields config, ModelFamily family)
    {
        string[] supported = family.GgufName switch
        {
            "llama" => ["default", "linear", "yarn", "llama3"],
            "phi3" => ["default", "longrope"],
            _ => ["default", "linear", "yarn"],
        };
        if (!supported.Contains(Kind))
        {
            throw config.Refused($"rotary positions of the type {Printable.Quote(Kind)} are not supported for {family.Name}; supported are {string.Join(", ", supported)}");
        }

        if (!(Theta > 1) || LocalTheta <= 1)
        {
            throw config.Refused($"the rotary base is {Theta}, the local one {LocalTheta}; they must be more than 1");
        }

        if (PartialFactor != 1 && family.GgufName != "phi3" || !(PartialFactor is > 0 and <= 1))
        {
            throw config.Refused($"partial_rotary_factor is {PartialFactor}; it must be 1, for Phi-3 more than 0 and at most 1");
        }
    }

    private float Factor() => Positive("factor") ?? throw Scaling!.Missing("factor");

    private float? Positive(string name) => Scaling!.FindSingle(name) is not { } value || value > 0
        ? Scaling!.FindSingle(name)
        : throw Scaling!.Refused($"{name} is {value}; it must be more than 0");

    private int OriginalContext(ModelSizes sizes, JsonFields config)
    {
        var source = Scaling?.Has("original_max_position_embeddings") == true ? Scaling : config;
        return source.Has("original_max_position_embeddings") ? ModelSizes.Size(source, "original_max_position_embeddings") : sizes.Context;
    }

    private void AddYarn(string prefix, IDictionary<string, GgufValue> metadata)
    {
        if (Scaling!.Has("mscale") || Scaling.Has("mscale_all_dim") || Scaling.FindBoolean("truncate") == false)
        {
            throw Scaling.Refused("mscale, mscale_all_dim and truncate of yarn positions have no place in GGUF");
        }

        foreach (var (from, to) in new[]
        {
            ("attention_factor", "yarn_attn_factor"), ("beta_fast", "yarn_beta_fast"), ("beta_slow", "yarn_beta_slow"),
        })
        {
            if (Positive(from) is { } value)
            {
                metadata[prefix + to] = value;
            }
        }
    }

    /// <summary>By what each frequency is divided: 1 for short waves, the factor for long ones, between them a smooth passage.</summary>
    private ImmutableArray<float> Llama3Factors(ModelSizes sizes)
    {
        var factor = Positive("factor") ?? 8;
        var low = Positive("low_freq_factor") ?? 1;
        var high = Positive("high_freq_factor") ?? 4;
        var context = Scaling!.Has("original_max_position_embeddings") ? ModelSizes.Size(Scaling, "original_max_position_embeddings") : 8192;
        if (!(low < high))
        {
            throw Scaling.Refused($"low_freq_factor is {low}; it must be less than high_freq_factor, {high}");
        }

        return
        [
            .. Enumerable.Range(0, sizes.HeadLength / 2).Select(i =>
            {
                var wave = 2 * Math.PI * Math.Pow(Theta, 2.0 * i / sizes.HeadLength);
                var smooth = Math.Clamp((context / wave - low) / (high - low), 0, 1);
                return (float)(1 / ((1 - smooth) / factor + smooth));
            }),
        ];
    }

    private ImmutableArray<float> LongFactors(string name, ModelSizes sizes, JsonFields config)
    {
        var factors = Scaling!.FindSingles(name) ?? throw Scaling.Missing(name);
        var count = DimensionCount(sizes) / 2;
        return factors.Length == count && factors.All(factor => factor > 0)
            ? factors
            : throw config.Refused($"{name} has {factors.Length} numbers; {count} numbers above 0 are needed");
    }

    private float LongFactorOfAttention(ModelSizes sizes, JsonFields config)
    {
        var original = OriginalContext(sizes, config);
        var scale = (double)sizes.Context / original;
        return scale > 1 && original > 1 ? (float)Math.Sqrt(1 + Math.Log(scale) / Math.Log(original)) : 1;
    }
}
