using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Schedules;

namespace Rubato.Torch.Schedules;

/// <summary>All that a <see cref="ScheduleDriver"/> needs to go on, and its JSON form.</summary>
internal sealed record ScheduleDriverState(Schedule Schedule, TrainingBudget Budget, BudgetClockState Clock, ImmutableArray<double> BaseRates)
{
    private const int Version = 1;

    public string ToJson() => new JsonObject
    {
        ["version"] = Version,
        ["schedule"] = JsonNode.Parse(ScheduleJson.Format(Schedule)),
        ["budget"] = Budget.ToString(),
        ["progress"] = Clock.Progress,
        ["progressAtChange"] = Clock.ProgressAtChange,
        ["spentAtChange"] = Clock.SpentAtChange,
        ["baseRates"] = new JsonArray([.. BaseRates.Select(rate => (JsonNode)rate)]),
    }.ToJsonString();

    /// <exception cref="InvalidOptionException">The text is something else.</exception>
    public static ScheduleDriverState FromJson(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var root = JsonNode.Parse(text)!.AsObject();
            var version = (int)root["version"]!;
            return version == Version
                ? new(
                    ScheduleJson.Parse(root["schedule"]!.ToJsonString()),
                    TrainingBudget.Parse((string)root["budget"]!),
                    new((double)root["progress"]!, (double)root["progressAtChange"]!, (double)root["spentAtChange"]!),
                    [.. root["baseRates"]!.AsArray().Select(rate => (double)rate!)])
                : throw new InvalidOptionException($"saved schedule: has version {version}, expected {Version}.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException or ArgumentException)
        {
            throw new InvalidOptionException("saved schedule: is not the state that a schedule driver saves.");
        }
    }
}
