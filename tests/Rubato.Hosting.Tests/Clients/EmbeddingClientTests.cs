using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using OpenAI.Embeddings;
using Rubato.Core;
using Rubato.Hosting.Embeddings;
using Rubato.Hosting.Tests.Testing;

namespace Rubato.Hosting.Tests.Clients;

/// <summary>The official OpenAI package and Microsoft.Extensions.AI, over HTTP and in-process: the same vectors.</summary>
public sealed class EmbeddingClientTests
{
    [Fact]
    public async Task OfficialClient_GetsVectors()
    {
        await using var server = await TestServer.StartAsync();
        OpenAIEmbeddingCollection vectors = await ClientOf(server).GenerateEmbeddingsAsync(["the beat", "another"]);
        Assert.Equal(2, vectors.Count);
        Assert.Equal(FakeExecutor.StateWidth, vectors[0].ToFloats().Length);
        Assert.Equal(TestEngine.Prompt("the beat").Length + TestEngine.Prompt("another").Length, vectors.Usage.InputTokenCount);
        OpenAIEmbedding shorter = await ClientOf(server).GenerateEmbeddingAsync("the beat", new OpenAI.Embeddings.EmbeddingGenerationOptions { Dimensions = 2 });
        Assert.Equal(2, shorter.ToFloats().Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Generator_GivesVectorsAndUsage(bool overHttp)
    {
        await using var server = await TestServer.StartAsync();
        using var generator = overHttp
            ? ClientOf(server).AsIEmbeddingGenerator()
            : server.Server.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        var vectors = await generator.GenerateAsync(["the beat", "another"]);
        OpenAIEmbedding expected = await ClientOf(server).GenerateEmbeddingAsync("another");
        Assert.Equal(expected.ToFloats().ToArray(), vectors[1].Vector.ToArray());
        Assert.Equal(TestEngine.Prompt("the beat").Length + TestEngine.Prompt("another").Length, vectors.Usage!.InputTokenCount);
        Assert.Equal(TestEngine.ModelName, vectors[0].ModelId);
        Assert.Equal(3, (await generator.GenerateVectorAsync("another", new() { Dimensions = 3 })).Length);
    }

    [Fact]
    public async Task Generator_RefusesWhatItCannotDo()
    {
        await using var engine = new TestEngine();
        using var generator = new RubatoEmbeddingGenerator(engine.Engine);
        await Assert.ThrowsAsync<InvalidOptionException>(() => generator.GenerateAsync(["x"], new() { ModelId = "another" }));
        await Assert.ThrowsAsync<InvalidOptionException>(() => generator.GenerateAsync([new string('x', 100_000)]));
        Assert.Empty(await generator.GenerateAsync([]));
        Assert.Equal(TestEngine.ModelName, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId);
    }

    private static EmbeddingClient ClientOf(TestServer server)
    {
        var options = new OpenAIClientOptions
        {
            Endpoint = new Uri(server.BaseAddress, "/v1"),
            Transport = new HttpClientPipelineTransport(server.Client),
        };
        return new OpenAIClient(new ApiKeyCredential("any key will do"), options).GetEmbeddingClient(TestEngine.ModelName);
    }
}
