using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Models.Gguf;
using Rubato.Models.Tests.Gguf;

namespace Rubato.Models.Tests;

public sealed class ModelSummaryTests
{
    [Fact]
    public void Any_architecture_is_summarised_and_the_summary_is_json()
    {
        var writer = new GgufWriter();
        writer.Set("general.architecture", "never-heard-of");
        writer.Set("general.name", 5u); // Of the wrong type: counts as absent.
        writer.Set("never-heard-of.context_length", 4096u);
        writer.Set("tokenizer.ggml.model", "gpt2");
        writer.Set("tokenizer.ggml.tokens", GgufArray.Of(ImmutableArray.Create("a", "b", "c")));
        writer.AddTensor("small", [3], GgmlType.F32, new float[3]);
        writer.AddTensor("large", [32, 4], GgmlType.Q8_0, new float[128]);
        writer.AddTensor("other", [3], GgmlType.F32, new float[3]);
        var bytes = GgufRoundTripTests.Bytes(writer);
        using var file = GgufFile.Parse(bytes, "f");

        using var json = JsonDocument.Parse(JsonSerializer.Serialize(ModelSummary.FromGguf(file), JsonSerializerOptions.Web));
        var root = json.RootElement;
        Assert.Equal("never-heard-of", root.GetProperty("architecture").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("name").ValueKind);
        Assert.Equal(134, root.GetProperty("parameterCount").GetInt64());
        Assert.Equal(bytes.Length, root.GetProperty("fileBytes").GetInt64());
        Assert.Equal(4096, root.GetProperty("contextLength").GetInt64());
        Assert.Equal(3, root.GetProperty("vocabularySize").GetInt32());
        Assert.True(root.GetProperty("allTypesSupported").GetBoolean());
        Assert.Contains("'never-heard-of' is not supported; architectures that work: llama, ", root.GetProperty("obstacle").GetString());
        Assert.Equal(
            [
                """{"type":"Q8_0","supported":true,"tensorCount":1,"parameterCount":128,"bytes":136}""",
                """{"type":"F32","supported":true,"tensorCount":2,"parameterCount":6,"bytes":24}""",
            ],
            root.GetProperty("types").EnumerateArray().Select(type => type.GetRawText()));
        Assert.Equal(
            """{"name":"large","type":"Q8_0","dimensions":[32,4],"bytes":136}""",
            root.GetProperty("tensors")[1].GetRawText());
    }
}
