using System.Buffers;
using System.Text;
using System.Text.Json;
using Rubato.Core;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>The JSON form of schedules: <c>{"version":1,"stages":[{"name":"rex","beta":0.5,"index":"zero"},{"name":"warmup","length":"5%",…}]}</c>.</summary>
/// <remarks>
/// The same terms as in the text form, with every parameter spelled out, so that a saved state does not depend on defaults. Profiles inside
/// others and tables stand in an array named <c>of</c>. Numbers keep all their bits.
/// </remarks>
public static class ScheduleJson
{
    private const int Version = 1;
    private const int Deepest = 40;

    /// <summary>The JSON form of <paramref name="schedule"/>, on one line.</summary>
    /// <exception cref="InvalidOptionException">The schedule holds a profile or sampler that has no written form.</exception>
    public static string Format(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("stages");
            foreach (var stage in ScheduleTerms.Describe(schedule))
            {
                Write(json, stage);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The schedule that <paramref name="text"/> describes.</summary>
    /// <exception cref="InvalidOptionException">The text is not JSON or not a schedule; the message names the place in it.</exception>
    public static Schedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            using var document = JsonDocument.Parse(text, new() { MaxDepth = Deepest });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("version", out var version) || !version.TryGetInt32(out var number))
            {
                throw Fail("$", "expected an object with version and stages");
            }

            if (number != Version)
            {
                throw Fail("$.version", $"is {number}, expected {Version}");
            }

            if (!root.TryGetProperty("stages", out var stages) || stages.ValueKind != JsonValueKind.Array || stages.GetArrayLength() == 0)
            {
                throw Fail("$.stages", "expected an array with a profile and stages");
            }

            return new ScheduleBinder("schedule JSON", null).Bind([.. stages.EnumerateArray().Select((stage, i) => Call(stage, $"$.stages[{i}]"))]);
        }
        catch (JsonException error)
        {
            throw new InvalidOptionException($"schedule JSON, line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: not valid JSON.");
        }
        catch (InvalidOperationException)
        {
            throw Fail("$", "holds text that is not valid Unicode");
        }
    }

    private static void Write(Utf8JsonWriter json, CallTerm call)
    {
        json.WriteStartObject();
        json.WriteString("name", call.Name);
        foreach (var argument in call.Arguments)
        {
            if (argument.Name is { } name)
            {
                json.WritePropertyName(name);
                Write(json, argument.Value);
            }
        }

        if (call.Arguments.Items.ToArray().Any(argument => argument.Name is null))
        {
            json.WriteStartArray("of");
            foreach (var argument in call.Arguments)
            {
                if (argument.Name is null)
                {
                    Write(json, argument.Value);
                }
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Term term)
    {
        switch (term)
        {
            case CallTerm call:
                Write(json, call);
                break;
            case NumberTerm { Unit: "" } number:
                json.WriteNumberValue(number.Value);
                break;
            case NumbersTerm { Style: NumbersStyle.Brackets } list:
                json.WriteStartArray();
                foreach (var value in list.Values)
                {
                    json.WriteNumberValue(value);
                }

                json.WriteEndArray();
                break;
            case WordTerm word:
                json.WriteStringValue(word.Word);
                break;
            default:
                json.WriteStringValue(TermText.Format(term));
                break;
        }
    }

    private static CallTerm Call(JsonElement element, string place)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            throw Fail(place, "expected an object with a name");
        }

        var arguments = new List<Argument>();
        foreach (var property in element.EnumerateObject())
        {
            if (property.NameEquals("of"))
            {
                arguments.AddRange(Array(property.Value, place).Select((item, i) => new Argument(null, Value(item, $"{place}.of[{i}]"))));
            }
            else if (!property.NameEquals("name"))
            {
                arguments.Add(new(property.Name, Value(property.Value, $"{place}.{TermText.Shorten(property.Name)}")));
            }
        }

        return new(name.GetString()!) { Arguments = new([.. arguments]), Place = place };
    }

    private static Term Value(JsonElement element, string place)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return Call(element, place);
            case JsonValueKind.Array:
                return new NumbersTerm(new([.. element.EnumerateArray().Select(item => Number(item, place))])) { Place = place };
            case JsonValueKind.Number:
                return new NumberTerm(Number(element, place)) { Place = place };
            case JsonValueKind.String:
                var text = element.GetString()!;
                return text.Length > 0 && char.IsAsciiDigit(text[0]) ? new TermReader(text, place).Whole() with { Place = place } : new WordTerm(text) { Place = place };
            default:
                throw Fail(place, "expected a number, a text, an array of numbers or an object");
        }
    }

    private static IEnumerable<JsonElement> Array(JsonElement element, string place) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray()
        : throw Fail(place + ".of", "expected an array");

    private static double Number(JsonElement element, string place) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value) ? value : throw Fail(place, "expected a finite number");

    private static InvalidOptionException Fail(string place, string problem) => new($"schedule JSON, {place}: {problem}.");
}
