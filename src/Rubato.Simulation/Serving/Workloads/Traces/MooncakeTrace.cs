using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Core;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>Reads traces of JSON lines whose prompts are named in blocks of 512 tokens.</summary>
internal static class MooncakeTrace
{
    private const int TokensMax = 1 << 21;
    private const double MillisecondsMax = 1e11;
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 4 };

    public static List<TraceRow> Read(string first, TraceLines lines)
    {
        var rows = new List<TraceRow>();
        for (var line = first; line is not null; line = lines.Read())
        {
            rows.Add(Parse(lines, line));
        }

        return rows;
    }

    private static TraceRow Parse(TraceLines lines, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Json);
            var row = document.RootElement;
            if (row.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidFormatException($"{lines.Place}: it is not a JSON object.");
            }

            var milliseconds = Number(lines, row, "timestamp", MillisecondsMax);
            var input = (int)Number(lines, row, "input_length", TokensMax, whole: true);
            var output = (int)Number(lines, row, "output_length", TokensMax, whole: true);
            return new(milliseconds / 1e3, "", input, output) { PrefixBlocks = Blocks(lines, row, input) };
        }
        catch (JsonException error)
        {
            throw new InvalidFormatException($"{lines.Place}: it is not a JSON object.", error);
        }
    }

    private static double Number(TraceLines lines, JsonElement row, string name, double most, bool whole = false) =>
        row.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out var number)
            && number >= 0 && number <= most && (!whole || number == Math.Floor(number))
            ? number
            : throw new InvalidFormatException(
                FormattableString.Invariant($"{lines.Place}: {name} must be there, a {(whole ? "whole " : "")}number from 0 to {most}."));

    private static ImmutableArray<int> Blocks(TraceLines lines, JsonElement row, int input)
    {
        if (!row.TryGetProperty("hash_ids", out var field) || field.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidFormatException($"{lines.Place}: hash_ids must be there, an array.");
        }

        var blocks = ImmutableArray.CreateBuilder<int>(field.GetArrayLength());
        foreach (var id in field.EnumerateArray())
        {
            if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out var number) || number < 0)
            {
                throw new InvalidFormatException($"{lines.Place}: hash_ids must be whole numbers from 0 to {int.MaxValue}.");
            }

            blocks.Add(number);
        }

        var expected = (input + RequestTrace.PrefixBlockTokens - 1) / RequestTrace.PrefixBlockTokens;
        return blocks.Count == expected
            ? blocks.MoveToImmutable()
            : throw new InvalidFormatException($"{lines.Place}: {blocks.Count} hash_ids; {input} tokens have {expected} blocks of {RequestTrace.PrefixBlockTokens}.");
    }
}
