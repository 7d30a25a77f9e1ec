using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Hosting.Http;

namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>The body of POST /v1/embeddings.</summary>
/// <param name="Model">Which model.</param>
/// <param name="Inputs">At least one text or row of token ids.</param>
/// <param name="AsBase64">Vectors as base64 of little-endian single-precision numbers.</param>
/// <param name="Dimensions">How many numbers of each vector; null for all.</param>
/// <param name="User">Who asks.</param>
internal sealed record EmbeddingsRequest(string Model, ImmutableArray<Prompt> Inputs, bool AsBase64, int? Dimensions, string? User)
{
    /// <summary>How urgent it is.</summary>
    public required Urgency Urgency { get; init; }

    /// <exception cref="OpenAiException">The body breaks a rule.</exception>
    public static EmbeddingsRequest Read(JsonElement body, ServingLimits limits)
    {
        var fields = new JsonFields(body);
        var format = fields.OptionalString("encoding_format") ?? "float";
        if (format is not ("float" or "base64"))
        {
            throw new OpenAiException(OpenAiError.BadRequest("'encoding_format' must be float or base64.", "encoding_format", "invalid_value"));
        }

        return new EmbeddingsRequest(
            JsonFields.Text(fields.Required("model"), "model"),
            Prompt.ReadAll(fields.Required("input"), "input", limits.EmbeddingInputsMax),
            format == "base64",
            (int?)fields.OptionalInteger("dimensions", 1, int.MaxValue),
            UserName.Read(fields))
        {
            Urgency = Urgency.Read(fields),
        };
    }
}
