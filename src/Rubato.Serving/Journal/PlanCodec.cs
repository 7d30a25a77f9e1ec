using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Journal;

/// <summary>The canonical bytes of a plan: equal plans give equal bytes, different plans different ones.</summary>
/// <remarks>
/// One JSON object without white space, properties in a fixed order: <c>step, at, slices[{request, start, samples, sampling, tokens,
/// blocks}], preempted, transfers[{ticket, direction, lane, request, runs[[source, destination, count]], after}], cancelled</c>; the last two, and
/// what of a transfer is absent, are left out when empty. "at" is in nanoseconds. What of the sampling parameters is off is left out. A slice's history and constraint
/// are not in it: the one follows from the other lines of a journal, no plan depends on the other.
/// </remarks>
public static class PlanCodec
{
    /// <summary>The canonical bytes of <paramref name="plan"/>.</summary>
    public static byte[] Encode(StepPlan plan)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, plan);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes <paramref name="plan"/> as one JSON value.</summary>
    public static void Write(Utf8JsonWriter writer, StepPlan plan)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(plan);
        writer.WriteStartObject();
        writer.WriteNumber("step", plan.Step);
        writer.WriteNumber("at", plan.PlannedAt.Nanoseconds);
        writer.WriteStartArray("slices");
        foreach (var slice in plan.Slices)
        {
            WriteSlice(writer, slice);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("preempted");
        foreach (var request in plan.Preempted)
        {
            writer.WriteNumberValue(request.Value);
        }

        writer.WriteEndArray();
        if (!plan.Transfers.IsDefaultOrEmpty)
        {
            WriteTransfers(writer, plan.Transfers);
        }

        if (!plan.CancelledTransfers.IsDefaultOrEmpty)
        {
            WriteNumbers(writer, "cancelled", plan.CancelledTransfers);
        }

        writer.WriteEndObject();
    }

    internal static void WriteSampling(Utf8JsonWriter writer, SamplingParameters sampling)
    {
        writer.WriteStartObject("sampling");
        writer.WriteNumber("temperature", sampling.Temperature);
        writer.WriteNumber("topK", sampling.TopK);
        writer.WriteNumber("topP", sampling.TopP);
        WriteUnless(writer, "minP", sampling.MinP, 0);
        WriteUnless(writer, "typicalP", sampling.TypicalP, 1);
        WriteUnless(writer, "repetitionPenalty", sampling.RepetitionPenalty, 1);
        WriteUnless(writer, "presencePenalty", sampling.PresencePenalty, 0);
        WriteUnless(writer, "frequencyPenalty", sampling.FrequencyPenalty, 0);
        if (!sampling.LogitBias.IsDefaultOrEmpty)
        {
            WriteBias(writer, sampling.LogitBias);
        }

        writer.WriteNumber("seed", sampling.Seed);
        if (sampling.LogProbabilityCount is { } count)
        {
            writer.WriteNumber("logProbabilities", count);
        }

        writer.WriteEndObject();
    }

    internal static void WriteTokens(Utf8JsonWriter writer, string name, ImmutableArray<int> tokens)
    {
        writer.WriteStartArray(name);
        foreach (var token in tokens.IsDefault ? [] : tokens)
        {
            writer.WriteNumberValue(token);
        }

        writer.WriteEndArray();
    }

    private static void WriteTransfers(Utf8JsonWriter writer, ImmutableArray<TransferOrder> transfers)
    {
        writer.WriteStartArray("transfers");
        foreach (var transfer in transfers)
        {
            writer.WriteStartObject();
            writer.WriteNumber("ticket", transfer.Ticket);
            writer.WriteString("direction", EnumNames<TransferDirection>.NameOf(transfer.Direction));
            writer.WriteString("lane", EnumNames<TransferLane>.NameOf(transfer.Lane));
            if (transfer.Request is { } request)
            {
                writer.WriteNumber("request", request.Value);
            }

            writer.WriteStartArray("runs");
            foreach (var run in transfer.Runs)
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(run.Source);
                writer.WriteNumberValue(run.Destination);
                writer.WriteNumberValue(run.Count);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            if (!transfer.After.IsDefaultOrEmpty)
            {
                WriteNumbers(writer, "after", transfer.After);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, ImmutableArray<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static void WriteUnless(Utf8JsonWriter writer, string name, double value, double off)
    {
        if (value != off)
        {
            writer.WriteNumber(name, value);
        }
    }

    private static void WriteBias(Utf8JsonWriter writer, ImmutableArray<TokenBias> biases)
    {
        writer.WriteStartArray("logitBias");
        foreach (var bias in biases)
        {
            writer.WriteStartObject();
            writer.WriteNumber("token", bias.Token);
            writer.WriteNumber("bias", bias.Bias);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSlice(Utf8JsonWriter writer, SequenceSlice slice)
    {
        writer.WriteStartObject();
        writer.WriteNumber("request", slice.Request.Value);
        writer.WriteNumber("start", slice.Start);
        writer.WriteBoolean("samples", slice.Samples);
        if (slice.HiddenStates != HiddenStateUse.None)
        {
            writer.WriteString("hiddenStates", EnumNames<HiddenStateUse>.NameOf(slice.HiddenStates));
        }

        WriteSampling(writer, slice.Sampling);
        WriteTokens(writer, "tokens", slice.Tokens);
        writer.WriteStartArray("blocks");
        foreach (var block in slice.Blocks)
        {
            writer.WriteNumberValue(block.Value);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
