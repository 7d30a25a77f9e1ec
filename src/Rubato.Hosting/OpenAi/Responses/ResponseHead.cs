using System.Text.Json;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>What all parts of one response begin with.</summary>
internal sealed record ResponseHead(string Id, long CreatedUnixSeconds, string Model, string? ServiceTier)
{
    public void Write(Utf8JsonWriter json, ReadOnlySpan<byte> objectName)
    {
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, objectName);
        json.WriteNumber("created"u8, CreatedUnixSeconds);
        json.WriteString("model"u8, Model);
        if (ServiceTier is not null)
        {
            json.WriteString("service_tier"u8, ServiceTier);
        }
    }
}
