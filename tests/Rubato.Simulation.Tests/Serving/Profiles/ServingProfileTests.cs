using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving.Profiles;

namespace Rubato.Simulation.Tests.Serving.Profiles;

public sealed class ServingProfileTests
{
    [Fact]
    public void The_built_in_profiles_read_and_name_their_sources()
    {
        Assert.Equal(["a10-llama2-7b-vtc", "a10-llama3-8b", "a100-qwen-32b", "cpu-135m-file", "cpu-135m-ram"], ServingProfileReader.BuiltInNames);
        foreach (var name in ServingProfileReader.BuiltInNames)
        {
            var profile = ServingProfileReader.BuiltIn(name);
            Assert.Equal(name, profile.Name);
            Assert.Equal(["compute", "link", "memory"], profile.Sources.Keys.Order());
        }
    }

    [Fact]
    public void Block_sizes_are_those_of_the_models()
    {
        Assert.Equal(2 << 20, ServingProfileReader.BuiltIn("a10-llama3-8b").Link.BlockBytes);
        Assert.Equal(4 << 20, ServingProfileReader.BuiltIn("a100-qwen-32b").Link.BlockBytes);
        Assert.Equal(16 * 46_080, ServingProfileReader.BuiltIn("cpu-135m-file").Link.BlockBytes);
    }

    /// <summary>Points of the published cost profile of LLaMA-2-7B on an A10G.</summary>
    [Theory]
    [InlineData(13, 8_320, 38.6)]
    [InlineData(31, 5_952, 36.4)]
    [InlineData(138, 5_520, 65.2)]
    public void The_decode_fit_reproduces_the_published_points(int sequences, int kvTokens, double milliseconds) =>
        Assert.InRange(ServingProfileReader.BuiltIn("a10-llama2-7b-vtc").Compute.DecodeSeconds(sequences, kvTokens) * 1e3 / milliseconds, 0.97, 1.03);

    [Fact]
    public void A_step_costs_its_base_its_prefill_tokens_and_the_positions_that_decodes_read()
    {
        var compute = ServingProfileReader.BuiltIn("a10-llama3-8b").Compute;
        Assert.Equal(0, Milliseconds());
        Assert.Equal(0.3 * 37.5 + 0.25 * 100, Milliseconds((0, 100)), 1e-9);
        Assert.Equal(37.5 + 0.25e-3 * 3_000, Milliseconds((999, 1), (1_999, 1)), 1e-9);
        Assert.Equal(37.5 + 0.25e-3 * 1_000 + 0.25 * 100, Milliseconds((999, 1), (50, 100)), 1e-9);

        double Milliseconds(params (int Start, int Count)[] slices) => compute.StepDuration(new()
        {
            Step = 0,
            PlannedAt = Instant.Zero,
            Slices = [.. slices.Select((slice, index) => new SequenceSlice
            {
                Request = new(index),
                Start = slice.Start,
                Tokens = [.. Enumerable.Range(1, slice.Count)],
                Blocks = [],
                Samples = true,
                Sampling = SamplingParameters.Greedy,
            })],
        }).Milliseconds;
    }

    [Theory]
    [InlineData("""{"compute":{"stepMilliseconds":"fast"}}""", "compute: stepMilliseconds is a text; it must be a number.")]
    [InlineData("""{"compute":{"stepMilliseconds":-1}}""", "compute: stepMilliseconds is -1; it must be in 0…1000000.")]
    [InlineData("""{"compute":{"speed":1}}""", "compute: there is no field 'speed'; those that are: ")]
    [InlineData("""{"speed":1}""", ": there is no field 'speed'; those that are: ")]
    [InlineData("""{"memory":{"deviceBlocks":1.5}}""", "memory: deviceBlocks is 1.5; it must be a whole number.")]
    [InlineData("""{"memory":null}""", "memory: it is null; it must be an object.")]
    [InlineData("""{"link":{"in":{"gigabytesPerSecond":0}}}""", "link: in: gigabytesPerSecond is 0; it must be in")]
    [InlineData("""{"sources":{"link":""}}""", "sources: link must be a text of 1…1000 characters on one line.")]
    [InlineData("""{"name":"a\nb"}""", ": name must be a text of 1…1000 characters on one line.")]
    public void What_breaks_a_rule_is_named(string change, string message)
    {
        var profile = Sample();
        Merge(profile, JsonNode.Parse(change)!.AsObject());
        var error = Assert.Throws<InvalidFormatException>(() => Read(profile.ToJsonString()));
        Assert.StartsWith("p.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Every_missing_field_is_named()
    {
        foreach (var part in (ImmutableArray<string>)["name", "title", "compute", "memory", "link", "sources"])
        {
            var profile = Sample();
            profile.Remove(part);
            Assert.Equal($"p.json: {part} is missing.", Assert.Throws<InvalidFormatException>(() => Read(profile.ToJsonString())).Message);
        }

        var unsourced = Sample();
        unsourced["sources"]!.AsObject().Remove("link");
        Assert.Contains("say where its numbers come from", Assert.Throws<InvalidFormatException>(() => Read(unsourced.ToJsonString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_profiles_are_refused_in_one_line()
    {
        Gen.Select(Gen.Int[0, Sample().ToJsonString().Length - 1], Gen.Byte).Sample(
            (at, value) =>
            {
                var bytes = Encoding.UTF8.GetBytes(Sample().ToJsonString());
                bytes[at] = value;
                try
                {
                    using var stream = new MemoryStream(bytes);
                    _ = ServingProfileReader.Read(stream, "p.json");
                }
                catch (InvalidFormatException error)
                {
                    Assert.DoesNotContain('\n', error.Message);
                }
            },
            iter: FuzzScale.Times(2000));
        using var endless = new MemoryStream(new byte[1 << 20]);
        Assert.Contains("longer than", Assert.Throws<InvalidFormatException>(() => ServingProfileReader.Read(endless, "p.json")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_lists_those_that_are_known() =>
        Assert.Contains("a10-llama3-8b", Assert.Throws<InvalidOptionException>(() => ServingProfileReader.BuiltIn("h100")).Message, StringComparison.Ordinal);

    private static ServingProfile Read(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return ServingProfileReader.Read(stream, "p.json");
    }

    private static void Merge(JsonObject into, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is JsonObject child && into[name] is JsonObject same)
            {
                Merge(same, child);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }

    private static JsonObject Sample() => JsonNode.Parse("""
        {
          "name": "sample", "title": "a sample",
          "compute": { "stepMilliseconds": 10, "kvTokenMicroseconds": 1, "prefillTokenMilliseconds": 1 },
          "memory": { "blockTokens": 16, "deviceBlocks": 100, "swapBlocks": 100, "contextTokens": 1000, "sequencesMax": 8, "tokensPerStep": 100 },
          "link": { "out": { "callMicroseconds": 1, "gigabytesPerSecond": 1 }, "in": { "callMicroseconds": 1, "gigabytesPerSecond": 1 }, "planes": 2, "planeBytes": 10 },
          "sources": { "compute": "here", "memory": "here", "link": "here" }
        }
        """)!.AsObject();
}
