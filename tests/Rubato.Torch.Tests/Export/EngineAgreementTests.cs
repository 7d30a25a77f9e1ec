using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Kernels.Threading;
using Rubato.Models.Gguf;
using Rubato.Serving;
using Rubato.Torch.Export;
using Rubato.Torch.Llama;

namespace Rubato.Torch.Tests.Export;

/// <summary>The model that was trained and the model that is served are the same function.</summary>
public sealed class EngineAgreementTests : IDisposable
{
    // Single precision, sums of a few hundred products in another order.
    private const double Tolerance = 1e-4;

    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-agreement").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    [InlineData(false, 4)]
    public void Logits_OfAnExportedModel_EqualTheTrainersAtEveryPosition(bool tied, int keyValueHeads)
    {
        var path = Path.Combine(_folder, "model.gguf");
        var vocabulary = Small.Tokenizer.VocabularySize;
        using var trained = new LlamaModule(Small.Configuration(vocabulary, tied, keyValueHeads), seed: 7);
        GgufExport.Write(trained, Small.Tokenizer.Vocabulary, path, GgmlType.F32, new Dictionary<string, string>());
        var tokens = Small.Tokenizer.Encode(Small.Text, addSpecial: false, parseSpecial: false)[..48];

        using var served = DecoderModel.Open(path);
        using var gang = new WorkerGang(2);
        using var cache = new KvCache(served.Configuration, blockTokens: 16, blocks: 3);
        using var pass = new ForwardPass(served, cache, gang);
        pass.Clear();
        pass.Append(0, tokens, [new BlockId(2), new BlockId(0), new BlockId(1)], logitRows: tokens.Length);
        pass.Run();
        for (var row = 0; row < tokens.Length; row++)
        {
            var expected = trained.Logits(tokens[..(row + 1)]);
            var actual = pass.Logits(row).ToArray();
            Assert.Equal(vocabulary, expected.Length);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        }
    }
}
