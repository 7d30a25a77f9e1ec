namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>What a user may be called: a bounded text without control characters.</summary>
internal static class UserName
{
    public const int LengthMax = 256;

    /// <summary>The name itself.</summary>
    /// <exception cref="OpenAiException">It breaks a rule; the message names <paramref name="field"/>.</exception>
    public static string Check(string name, string field)
    {
        if (name.Length > LengthMax)
        {
            throw new OpenAiException(OpenAiError.BadRequest($"'{field}' must have at most {LengthMax} characters.", field, "invalid_value"));
        }

        return name.Any(char.IsControl)
            ? throw new OpenAiException(OpenAiError.BadRequest($"'{field}' must not have control characters.", field, "invalid_value"))
            : name;
    }

    /// <summary>Whom a body names in <c>user</c> or, failing that, in <c>safety_identifier</c>; null for nobody.</summary>
    public static string? Read(JsonFields fields) => Read(fields, "user") ?? Read(fields, "safety_identifier");

    private static string? Read(JsonFields fields, string field) =>
        fields.OptionalString(field) is { } name ? Check(name, fields.PathOf(field)) : null;
}
