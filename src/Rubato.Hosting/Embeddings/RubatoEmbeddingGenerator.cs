using System.Collections.Immutable;
using Microsoft.Extensions.AI;
using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.OpenAi.Requests;

namespace Rubato.Hosting.Embeddings;

/// <summary>The engine as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>, without HTTP in between.</summary>
/// <remarks>
/// Vectors have length 1. Fewer dimensions than the model has are its first numbers, scaled back to length 1. A text's vector is the same
/// alone and beside others, bit for bit.
/// </remarks>
public sealed class RubatoEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ServingEngine _engine;
    private readonly PromptEncoder _prompts;

    /// <summary>A generator over <paramref name="engine"/>, which stays the caller's.</summary>
    public RubatoEmbeddingGenerator(ServingEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
        _prompts = new PromptEncoder(engine.Model, engine.Limits);
    }

    /// <inheritdoc/>
    /// <exception cref="RubatoException">The engine refuses the request or fails at it.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.ModelId is { } wanted && wanted != _engine.Model.Name)
        {
            throw new InvalidOptionException($"ModelId is {wanted}, but this engine serves {_engine.Model.Name}: leave ModelId out.");
        }

        try
        {
            ImmutableArray<ImmutableArray<int>> inputs = [.. values.Select((text, i) => _prompts.EncodeWhole(new Prompt(text, default, $"values[{i}]")))];
            var vectors = await Embedder.RunAsync(_engine, inputs, Caller.Unnamed, 0, cancellationToken).ConfigureAwait(false);
            var tokens = inputs.Sum(input => (long)input.Length);
            return new(vectors.Select(vector => new Embedding<float>(Embedder.Shorten(vector, options?.Dimensions))
            {
                ModelId = _engine.Model.Name,
                CreatedAt = _engine.Time.GetUtcNow(),
            }))
            {
                Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
            };
        }
        catch (OpenAiException refusal)
        {
            throw new InvalidOptionException(refusal.Message);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("rubato", null, _engine.Model.Name)
            : serviceType == typeof(ServingEngine) ? _engine
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the engine belongs to whoever made it.</summary>
    public void Dispose()
    {
    }
}
