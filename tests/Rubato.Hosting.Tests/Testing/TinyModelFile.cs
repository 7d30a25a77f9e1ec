using Rubato.Core;
using Rubato.Models;
using Rubato.Models.Chat;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Hosting.Tests.Testing;

/// <summary>A GGUF file with a real tokenizer and random weights, deleted at the end.</summary>
internal sealed class TinyModelFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-hosting-").FullName;

    public TinyModelFile(string? chatTemplate = ChatTemplate.ChatMl, int contextTokens = 256)
    {
        var vocabulary = BpeTrainer.Train(["the bar ends on the beat, and the note borrows time from the other note"], new() { VocabularySize = 300 }) with
        {
            ChatTemplate = chatTemplate,
        };
        var configuration = new ModelConfiguration
        {
            ContextLength = contextTokens,
            EmbeddingLength = 64,
            BlockCount = 2,
            FeedForwardLength = 96,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            HeadLength = 16,
            RmsNormEpsilon = 1e-5f,
            RopeDimensionCount = 16,
            VocabularySize = vocabulary.Tokens.Length,
            TiedHead = true,
        };
        var writer = new GgufWriter();
        configuration.WriteTo(writer);
        vocabulary.WriteTo(writer);
        foreach (var (name, dimensions) in configuration.Tensors())
        {
            var random = new Prng(11).Split(name);
            var isNorm = dimensions.Length == 1;
            var amplitude = isNorm ? 0.2f : 2f / MathF.Sqrt(dimensions[0]);
            writer.AddTensor(name, dimensions, GgmlType.F32, (_, row) =>
            {
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] = (isNorm ? 1 : 0) + (amplitude * ((2 * (float)random.NextDouble()) - 1));
                }
            });
        }

        Path = System.IO.Path.Combine(_folder, "tiny.gguf");
        writer.Write(Path);
    }

    public string Path { get; }

    public string JournalPath => System.IO.Path.Combine(_folder, "run.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
