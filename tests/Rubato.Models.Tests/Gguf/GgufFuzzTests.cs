using System.Collections.Immutable;
using System.Diagnostics;
using Rubato.Core;
using Rubato.Models.Architectures;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tests.Gguf;

/// <summary>Hostile files either parse or are refused; nothing else happens, quickly, and in memory in proportion to the file.</summary>
/// <remarks>The environment variable RUBATO_FUZZ_SCALE multiplies the number of inputs.</remarks>
public sealed class GgufFuzzTests
{
    private const int RunsPerKind = 15_000;
    private const int BaseFiles = 40;
    private const ulong Seed = 0x6775_6675_7A7A;

    /// <summary>What is refused at least once in every run: proof that the inputs reach deep into the parser.</summary>
    private static readonly string[] RulesReached =
    [
        "not a GGUF file", "GGUF version", "big-endian", "tensors do not fit", "metadata entries do not fit",
        "bytes of metadata key do not fit", "bytes of string do not fit", "bytes of tensor name do not fit",
        "array elements do not fit", "the file ends here", "metadata key is empty", "tensor name is empty", "not valid UTF-8",
        "occurs twice", "unknown metadata type", "a boolean is", "nest deeper", "power of two", "dimensions; at most",
        "it must lie in 1", "unknown type", "no whole number of", "multiply to more than", "take more than",
        "no multiple of the alignment", "bytes of data", "overlap", "should begin", "is missing", "is needed",
        "no part of a ", "should have the dimensions", "cannot share", "architectures that work",
    ];

    [Fact]
    public void Mutated_files_parse_or_are_refused()
    {
        var root = new Prng(Seed);
        var files = Enumerable.Range(0, BaseFiles).Select(i => MakeFile(root.Split("file").Split((ulong)i), i)).ToArray();
        var fields = Array.ConvertAll(files, GgufFields.Of);
        var rules = new HashSet<string>(RulesReached);
        var parsed = 0L;
        for (var run = 0L; run < (long)FuzzScale.Times(RunsPerKind) * GgufMutator.Kinds.Length; run++)
        {
            var prng = root.Split((ulong)run);
            var kind = (int)(run % GgufMutator.Kinds.Length);
            var file = prng.NextInt32(files.Length);
            var input = new GgufMutator(prng).Mutate(kind, files[file], fields[file]);
            var (isFormat, refusal) = Try(input, $"run {run}, {GgufMutator.Kinds[kind]}");
            parsed += isFormat ? 1 : 0;
            if (refusal is not null && rules.Count > 0)
            {
                rules.RemoveWhere(rule => refusal.Contains(rule, StringComparison.Ordinal));
            }
        }

        Assert.Empty(rules);
        Assert.True(parsed > RunsPerKind, $"only {parsed} mutated files parse: the mutations are too coarse to find anything");
    }

    [Fact]
    public void Dense_files_cost_memory_in_proportion()
    {
        // The shapes that cost the most objects per byte, half a megabyte of each.
        const int Count = 20_000;
        byte[] strings = [.. Header(0, 1), .. Key("k"), 9, 0, 0, 0, 8, 0, 0, 0, .. Number(Count), .. new byte[8 * Count]];
        byte[] arrays = [.. Header(0, 1), .. Key("k"), 9, 0, 0, 0, 9, 0, 0, 0, .. Number(Count), .. new byte[12 * Count]];
        byte[] entries = [.. Header(0, Count), .. Enumerable.Range(0, Count).SelectMany(i => Key($"{i:X}").Concat<byte>([0, 0, 0, 0, 1]))];
        byte[] tensors = [.. Header(Count, 0), .. Enumerable.Range(0, Count).SelectMany(Tensor), .. new byte[32 * (Count + 1)]];
        foreach (var (content, label) in new[] { (strings, "strings"), (arrays, "arrays"), (entries, "entries"), (tensors, "tensors") })
        {
            Assert.True(Try(content, label).IsFormat, label);
            Assert.False(Try(content[..^(32 * Count / 8)], label).IsFormat, label);
        }
    }

    /// <summary>Heads that are larger than any model's, of what costs the most objects per byte: half a gigabyte beyond the file must do.</summary>
    [Fact]
    public void Huge_heads_are_read_or_refused_within_bounds()
    {
        byte[] Strings(int count, int length)
        {
            byte[] one = [.. Number((ulong)length), .. Enumerable.Repeat((byte)'a', length)];
            return [.. Header(0, 1), .. Key("k"), 9, 0, 0, 0, 8, 0, 0, 0, .. Number((ulong)count), .. Repeated(one, count)];
        }

        byte[] arrays = [.. Header(0, 1), .. Key("k"), 9, 0, 0, 0, 9, 0, 0, 0, .. Number(3_999_999), .. new byte[12 * 3_999_999]];
        byte[] manyEntries = [.. Header(0, 1 << 20), .. new byte[15 << 20]];
        byte[] manyTensors = [.. Header(1 << 20, 0), .. new byte[30 << 20]];
        byte[] numbers = [.. Header(0, 1), .. Key("k"), 9, 0, 0, 0, 0, 0, 0, 0, .. Number(200_000_000), .. new byte[200_000_000]];
        byte[] text = [.. Header(0, 1), .. Key("k"), 8, 0, 0, 0, .. Number(120_000_000), .. new byte[120_000_000]];
        foreach (var (content, label, refusal) in new[]
        {
            (Strings(3_999_999, 1), "strings", null), (Strings(4_000_001, 0), "too many strings", "strings, booleans and arrays"), (arrays, "arrays", null),
            (manyEntries, "entries", "1048576 metadata entries; at most"), (manyTensors, "tensors", "1048576 tensors; at most"), (numbers, "numbers", "take more than"),
            (text, "text", null),
        })
        {
            var bound = HostileInputBound.Start();
            try
            {
                using var file = GgufFile.Parse(content, "huge");
                bound.Check(label);
                Assert.Null(refusal);
            }
            catch (InvalidFormatException e)
            {
                bound.Check(label);
                Assert.Contains(refusal ?? "nothing", e.Message, StringComparison.Ordinal);
            }
        }
    }

    private static byte[] Repeated(byte[] unit, int count)
    {
        var all = new byte[unit.Length * count];
        for (var i = 0; i < count; i++)
        {
            unit.CopyTo(all, i * unit.Length);
        }

        return all;
    }

    /// <summary>Parses and uses the input within the bounds; answers whether it parses, and why it is no model.</summary>
    private static (bool IsFormat, string? Refusal) Try(byte[] input, string label)
    {
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        string? refusal = null;
        var isFormat = false;
        try
        {
            using var file = GgufFile.Parse(input, "fuzzed");
            AllocatedSince(allocatedBefore, input.Length, 12, $"{label}, parsing");
            isFormat = true;
            ReadEverything(file);
            ModelConfiguration.FromGguf(file);
        }
        catch (InvalidFormatException e)
        {
            refusal = e.Message;
        }
        catch (Exception e)
        {
            Assert.Fail($"{label}: {e}\ninput: {Convert.ToBase64String(input)}");
        }

        AllocatedSince(allocatedBefore, input.Length, 32, $"{label}, parsing and summarising");
        if (watch.Elapsed > HostileInputBound.TimeMax)
        {
            CheckTime(input, label); // Once more, by the time on a processor: the machine may have been busy.
        }

        Assert.True(refusal is null || !refusal.Any(char.IsControl), $"{label}: {refusal}");
        return (isFormat, refusal);
    }

    private static void CheckTime(byte[] input, string label)
    {
        var bound = HostileInputBound.Start();
        try
        {
            using var file = GgufFile.Parse(input, "fuzzed");
            ReadEverything(file);
            ModelConfiguration.FromGguf(file);
        }
        catch (InvalidFormatException)
        {
            // Only the time counts here.
        }

        bound.Check(label);
    }

    private static void AllocatedSince(long before, int inputLength, int factor, string label)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var bound = 16_000 + ((long)factor * inputLength);
        Assert.True(allocated <= bound, $"{label}: {inputLength} bytes of input made {allocated} bytes of objects");
    }

    /// <summary>What a parsed file promises can be read without another check.</summary>
    private static void ReadEverything(GgufFile file)
    {
        var end = 0L;
        foreach (var tensor in file.Tensors.OrderBy(t => t.Offset))
        {
            Check.Invariant(tensor.Offset >= end && tensor.Offset + tensor.ByteLength <= file.ByteLength, $"{tensor} lies wrong");
            end = tensor.Offset + tensor.ByteLength;
            if (tensor.Type.IsSupported())
            {
                file.ReadRow(tensor, tensor.RowCount - 1, new float[tensor.RowLength]);
            }
        }

        Check.Invariant(ModelSummary.FromGguf(file).FileBytes == file.ByteLength);
    }

    /// <summary>A third of the files are whole models of every architecture, so that the rules of the configuration are reached as well.</summary>
    private static byte[] MakeFile(Prng prng, int index)
    {
        var draw = new RandomGguf(prng);
        var writer = new GgufWriter();
        if (index % 3 == 0)
        {
            MakeModel(writer, prng, index / 3);
        }
        else
        {
            for (var i = prng.NextInt32(1, 8); i > 0; i--)
            {
                writer.Set($"k{i}{draw.Text(4)}", draw.Value());
            }

            writer.Set("general.alignment", 32u);
            for (var i = prng.NextInt32(1, 4); i > 0; i--)
            {
                var type = RandomGguf.SupportedTypes[prng.NextInt32(RandomGguf.SupportedTypes.Length)];
                var dimensions = draw.Dimensions(type);
                writer.AddTensor($"t{i}", dimensions, type, draw.Values(type, dimensions.Aggregate(1L, (a, b) => a * b)));
            }
        }

        var bytes = GgufRoundTripTests.Bytes(writer);
        return prng.Chance(1, 3) ? GgufFields.With(bytes, "version", 2) : bytes;
    }

    private static void MakeModel(GgufWriter writer, Prng prng, int index)
    {
        var architecture = ModelArchitecture.All[index % ModelArchitecture.All.Length];
        var window = architecture.WindowPeriodDefault is null ? 0 : 3;
        var configuration = new ModelConfiguration
        {
            Architecture = architecture,
            ContextLength = 8,
            EmbeddingLength = 4,
            BlockCount = 1,
            FeedForwardLength = 2,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            HeadLength = 2,
            RmsNormEpsilon = 1e-5f,
            RopeDimensionCount = 2,
            VocabularySize = 3,
            TiedHead = prng.Chance(1, 2),
            FusesQueryKeyValue = architecture.FusesGateUp,
            SlidingWindow = window,
            SlidingWindowPeriod = window > 0 ? architecture.WindowPeriodDefault!.Value : 0,
            LocalRopeTheta = window > 0 ? architecture.LocalRopeThetaDefault : null,
            RopeScaling = architecture.FrequencyFactors ? new() { Kind = RotaryScalingKind.Yarn, Factor = 2, OriginalContextLength = 4 } : RotaryScaling.None,
            RopeFactors = architecture.FrequencyFactors ? RotaryFactors.Frequencies : RotaryFactors.None,
            Experts = architecture.Experts == ExpertUse.None || (architecture.Experts == ExpertUse.Optional && prng.Chance(1, 2)) ? null : new()
            {
                Count = 2,
                UsedCount = 1,
                FeedForwardLength = 2,
                SharedFeedForwardLength = architecture.HasSharedExpert ? 3 : 0,
                NormalizesWeights = architecture.NormalizesExpertWeights,
            },
        };
        configuration.WriteTo(writer);
        writer.Set("tokenizer.ggml.tokens", GgufArray.Of(ImmutableArray.Create("a", "b", "c")));
        foreach (var tensor in configuration.Tensors())
        {
            writer.AddTensor(tensor.Name, tensor.Dimensions, GgmlType.F16, new float[tensor.ElementCount]);
        }
    }

    private static byte[] Header(ulong tensors, ulong entries) => [.. "GGUF"u8, 3, 0, 0, 0, .. Number(tensors), .. Number(entries)];

    private static byte[] Key(string key) => [.. Number((ulong)key.Length), .. System.Text.Encoding.UTF8.GetBytes(key)];

    private static byte[] Tensor(int index) => [.. Key($"{index:X}"), 0, 0, 0, 0, 0, 0, 0, 0, .. Number(32 * (ulong)index)];

    private static byte[] Number(ulong value) => BitConverter.GetBytes(value);
}
