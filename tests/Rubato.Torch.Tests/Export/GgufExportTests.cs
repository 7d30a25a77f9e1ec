using Rubato.Core;
using Rubato.Models.Chat;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;
using Rubato.Torch.Export;
using Rubato.Torch.Llama;

namespace Rubato.Torch.Tests.Export;

public sealed class GgufExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-export").FullName;

    private string FilePath => Path.Combine(_folder, "model.gguf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(GgmlType.F32, 0)]
    [InlineData(GgmlType.F16, 0.002)]
    [InlineData(GgmlType.BF16, 0.02)]
    [InlineData(GgmlType.Q8_0, 0.02)]
    public void A_written_model_gives_the_same_logits(GgmlType type, double tolerance)
    {
        using var model = Small.Model();
        Write(model, type);
        using var read = LlamaModule.FromGguf(FilePath);
        Assert.Equal(model.Configuration, read.Configuration);
        var tokens = Small.Tokenizer.Encode(Small.Text, addSpecial: false, parseSpecial: false)[..40];
        Assert.All(model.Logits(tokens).Zip(read.Logits(tokens)), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    [Fact]
    public void The_tokenizer_comes_back()
    {
        using var model = Small.Model();
        Write(model, GgmlType.F16);
        using var file = GgufFile.Open(FilePath);
        var vocabulary = TokenizerVocabulary.FromGguf(file.Metadata);
        Assert.Equal(Small.Tokenizer.Vocabulary.Tokens, vocabulary.Tokens);
        Assert.Equal(Small.Tokenizer.Vocabulary.Merges, vocabulary.Merges);
        Assert.Equal(Small.Tokenizer.Vocabulary.Types, vocabulary.Types);
        Assert.Equal(ChatTemplate.ChatMl, vocabulary.ChatTemplate);
        var tokenizer = Tokenizer.From(vocabulary);
        Assert.Equal(Small.Tokenizer.StopTokens, tokenizer.StopTokens);
        Assert.Equal(
            Small.Tokenizer.Encode(Small.Text + BpeTrainerOptions.TurnEnd, addSpecial: true, parseSpecial: true),
            tokenizer.Encode(Small.Text + BpeTrainerOptions.TurnEnd, addSpecial: true, parseSpecial: true));
        Assert.Equal("small", file.Metadata.GetString("general.name"));
    }

    [Fact]
    public void Weights_that_no_number_of_the_type_holds_are_refused_and_leave_the_old_file()
    {
        using var model = Small.Model();
        Write(model, GgmlType.F16);
        var before = File.ReadAllBytes(FilePath);
        using (TorchSharp.torch.no_grad())
        {
            model.Parameters.Values.fill_(float.NaN);
        }

        Assert.Throws<RubatoException>(() => Write(model, GgmlType.Q8_0));
        Assert.Equal(before, File.ReadAllBytes(FilePath));
    }

    private void Write(LlamaModule model, GgmlType type) => GgufExport.Write(
        model, Small.Tokenizer.Vocabulary with { ChatTemplate = ChatTemplate.ChatMl }, FilePath, type,
        new Dictionary<string, string> { ["general.name"] = "small" });
}
