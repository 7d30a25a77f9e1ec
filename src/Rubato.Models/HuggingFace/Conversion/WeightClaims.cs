using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.HuggingFace.Safetensors;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>Hands out the tensors of a checkpoint, checks their shapes, and knows in the end which nobody asked for.</summary>
internal sealed class WeightClaims(ModelShards shards, string folder)
{
    private readonly HashSet<string> _claimed = new(StringComparer.Ordinal);

    public bool Has(string name) => shards.TryGet(name, out _);

    /// <summary>The tensor of the name, which must have the shape.</summary>
    /// <exception cref="InvalidFormatException">It is missing, of another shape, or of a type that holds no weights.</exception>
    public StoredTensor Claim(string name, params ReadOnlySpan<long> shape)
    {
        if (!shards.TryGet(name, out var stored))
        {
            throw new InvalidFormatException($"{folder}: tensor {Printable.Quote(name)} is missing; config.json calls for it.");
        }

        if (!stored.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new InvalidFormatException(
                $"{stored.File.Name}: tensor {stored.Tensor} should have the shape [{string.Join(", ", shape.ToArray())}] by config.json.");
        }

        if (stored.Tensor.Type.TryGgmlType() is null)
        {
            throw new InvalidFormatException(
                $"{stored.File.Name}: tensor {stored.Tensor}: weights of this type are not supported; types that work: {SafetensorsTypes.ReadableNames}.");
        }

        _claimed.Add(name);
        return stored;
    }

    /// <summary>Refuses tensors that nothing asked for, but for those that hold nothing of the model's own.</summary>
    public void RefuseRest()
    {
        var rest = shards.Tensors.Select(stored => stored.Tensor.Name).Where(name => !_claimed.Contains(name) && !IsHarmless(name)).Order(StringComparer.Ordinal).ToList();
        if (rest.Count > 0)
        {
            var more = rest.Count > 1 ? $" and {rest.Count - 1} more" : "";
            throw new InvalidFormatException(
                $"{folder}: tensor {Printable.Quote(rest[0])}{more} is not known for this architecture; leaving it out would change the results.");
        }
    }

    /// <summary>Marks a tensor as known and not needed.</summary>
    public void Ignore(string name) => _claimed.Add(name);

    /// <summary>Tables that older programs stored and that are computed from the configuration: inverse frequencies, masks.</summary>
    private static bool IsHarmless(string name) =>
        name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal)
        || name.EndsWith(".rotary_emb.cos_cached", StringComparison.Ordinal) || name.EndsWith(".rotary_emb.sin_cached", StringComparison.Ordinal);
}
