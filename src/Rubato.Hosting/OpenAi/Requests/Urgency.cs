namespace Rubato.Hosting.OpenAi.Requests;

/// <summary>How urgent a request is, for policies that look at it.</summary>
/// <param name="Priority">Lower is served earlier; −1,000…1,000.</param>
/// <param name="Tier">The service tier in effect, shown again in the response; null when the request asked for none.</param>
internal sealed record Urgency(int Priority, string? Tier)
{
    private const int PriorityMax = 1000;
    private const int FlexPriority = 10;

    /// <summary>From <c>priority</c>, else from what <c>service_tier</c> stands for.</summary>
    /// <exception cref="OpenAiException">A field breaks a rule.</exception>
    public static Urgency Read(JsonFields fields)
    {
        var (priority, tier) = fields.OptionalString("service_tier") switch
        {
            null => (0, null),
            "auto" or "default" => (0, "default"),
            "flex" => (FlexPriority, "flex"),
            "priority" => (-FlexPriority, "priority"),
            _ => throw new OpenAiException(OpenAiError.BadRequest(
                "'service_tier' must be auto, default, flex or priority.", "service_tier", "invalid_value")),
        };
        return new((int)(fields.OptionalInteger("priority", -PriorityMax, PriorityMax) ?? priority), tier);
    }
}
