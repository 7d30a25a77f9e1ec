using System.Collections.Immutable;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi;

namespace Rubato.Hosting.Embeddings;

/// <summary>Embeds texts through the engine that generates text, as prompts without output, in waves that its queue can hold.</summary>
internal static class Embedder
{
    /// <summary>One vector of length 1 for each input.</summary>
    /// <exception cref="OpenAiException">The model's states are not to be pooled.</exception>
    /// <exception cref="RequestRefusedException">The engine did not take the request.</exception>
    /// <exception cref="GenerationFailedException">The model failed.</exception>
    public static async Task<float[][]> RunAsync(
        ServingEngine engine, ImmutableArray<ImmutableArray<int>> inputs, Caller caller, int priority, CancellationToken stop)
    {
        var pooling = engine.Model.Pooling;
        if (pooling == EmbeddingPooling.None)
        {
            throw new OpenAiException(OpenAiError.BadRequest(
                $"The file of the model '{engine.Model.Name}' says that its states are not to be pooled; start the server with --pooling mean, first or last.",
                "model",
                "unsupported_parameter"));
        }

        var wave = Math.Min(engine.Options.SequencesPerSubmissionMax, engine.Limits.RunningMax);
        var vectors = new float[inputs.Length][];
        for (var first = 0; first < inputs.Length; first += wave)
        {
            ImmutableArray<GenerationRequest> requests =
            [
                .. inputs.Skip(first).Take(wave).Select(tokens => new GenerationRequest
                {
                    Operation = GenerationOperation.Embeddings,
                    Client = caller.Client,
                    User = caller.User,
                    Priority = priority,
                    CacheSalt = caller.Salt(""),
                    PromptTokens = tokens,
                    OutputTokensMax = 0,
                    Pooling = pooling,
                }),
            ];
            await RunWaveAsync(engine, requests, vectors.AsMemory(first), stop).ConfigureAwait(false);
        }

        return vectors;
    }

    /// <summary>The first <paramref name="dimensions"/> numbers, scaled back to length 1: what models trained for shortening expect.</summary>
    public static float[] Shorten(float[] vector, int? dimensions)
    {
        if (dimensions is not { } count || count >= vector.Length)
        {
            return vector;
        }

        var shorter = vector.AsSpan(0, count).ToArray();
        var length = Math.Sqrt(shorter.Sum(value => (double)value * value));
        return length > 0 ? Array.ConvertAll(shorter, value => (float)(value / length)) : shorter;
    }

    private static async Task RunWaveAsync(
        ServingEngine engine, ImmutableArray<GenerationRequest> requests, Memory<float[]> vectors, CancellationToken stop)
    {
        var submission = await engine.SubmitAsync(requests, stop).ConfigureAwait(false);
        using var generation = submission.Generation ?? throw new RequestRefusedException(submission.Outcome);
        await foreach (var next in generation.WithCancellation(stop).ConfigureAwait(false))
        {
            vectors.Span[next.Sequence] = next.Embedding ?? throw new GenerationFailedException("The request was cancelled.");
        }
    }
}
