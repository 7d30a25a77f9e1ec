using Rubato.Core;
using Rubato.Inference.Caching;
using Rubato.Inference.Execution;
using Rubato.Inference.Models;
using Rubato.Inference.Packing;
using Rubato.Kernels.Threading;
using Rubato.Models;
using Rubato.Models.Gguf;
using Rubato.Serving;

namespace Rubato.Inference.Tests.Packing;

public sealed class PackedModelTests : IDisposable
{
    private static readonly ModelConfiguration Configuration = RandomModel.Configuration with { EmbeddingLength = 256, FeedForwardLength = 512, HeadCount = 8, HeadLength = 32, RopeDimensionCount = 32 };

    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-packing-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0)]
    [InlineData(GgmlType.Q4_K)]
    [InlineData(GgmlType.Q6_K)]
    [InlineData(GgmlType.IQ4_NL)]
    public void Open_Packed_LogitsOffByRoundingOfActivationsOnly(GgmlType type)
    {
        using var file = Write(type);
        using var stored = DecoderModel.FromGguf(file);
        using var packed = DecoderModel.FromGguf(file, InMemory);
        var expected = Logits(stored);
        var actual = Logits(packed);
        Assert.NotEqual(expected, actual);
        var size = Math.Sqrt(expected.Sum(logit => (double)logit * logit));
        var error = Math.Sqrt(expected.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
        Assert.InRange(error / size, 0, 0.03);
    }

    [Fact]
    public void Open_PackedInFileOrMemory_SameBits()
    {
        var notices = new List<string>();
        var path = WriteFile(GgmlType.Q4_K);
        using var memory = DecoderModel.Open(path, InMemory);
        using var made = DecoderModel.Open(path, InFile(notices));
        using var found = DecoderModel.Open(path, InFile(notices));
        Assert.Equal(Logits(memory), Logits(made));
        Assert.Equal(Logits(memory), Logits(found));
        Assert.Contains("once", Assert.Single(notices));
        Assert.Single(PackedFiles());
    }

    [Fact]
    public void Open_AnyByteOfThePackedFileDamaged_IsMadeAnew()
    {
        var path = WriteFile(GgmlType.Q4_0);
        float[] expected;
        using (var model = DecoderModel.Open(path, InFile([])))
        {
            expected = Logits(model);
        }

        var packed = Assert.Single(PackedFiles());
        var sound = File.ReadAllBytes(packed);
        var prng = new Prng(1);
        foreach (var place in new[] { 0, 9, 25, 33, 41, 4096, sound.Length - 1 }.Concat(Enumerable.Range(0, 20).Select(_ => prng.NextInt32(sound.Length))))
        {
            var damaged = sound.ToArray();
            damaged[place] ^= 0x10;
            File.WriteAllBytes(packed, damaged);
            var notices = new List<string>();
            using var model = DecoderModel.Open(path, InFile(notices));
            Assert.Single(notices);
            Assert.Equal(expected, Logits(model));
            Assert.Equal(sound, File.ReadAllBytes(packed));
        }

        foreach (var length in new[] { 0, 100, sound.Length - 1 })
        {
            File.WriteAllBytes(packed, sound[..length]);
            using var model = DecoderModel.Open(path, InFile([]));
            Assert.Equal(expected, Logits(model));
        }
    }

    [Fact]
    public void Open_ModelReplaced_IsPackedAnew()
    {
        var path = WriteFile(GgmlType.Q8_0);
        DecoderModel.Open(path, InFile([])).Dispose();
        WriteFile(GgmlType.Q8_0, seed: 2);
        using var expected = DecoderModel.Open(path, InMemory);
        using var actual = DecoderModel.Open(path, InFile([]));
        Assert.Equal(Logits(expected), Logits(actual));
        Assert.Equal(2, PackedFiles().Length);
    }

    [Fact]
    public void Open_FolderThatCannotBeWritten_PacksInMemoryAndSaysSo()
    {
        var path = WriteFile(GgmlType.Q4_1);
        var occupied = Path.Combine(_folder, "occupied");
        File.WriteAllText(occupied, "");
        var notices = new List<string>();
        using var model = DecoderModel.Open(path, InFile(notices) with { CacheFolder = Path.Combine(occupied, "weights") });
        using var expected = DecoderModel.Open(path, InMemory);
        Assert.Contains("in memory", notices[^1]);
        Assert.Equal(Logits(expected), Logits(model));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_ScaleThatIsNotFinite_IsRefusedByTensorAndRowAndLeavesNoFile(bool inFile)
    {
        var bytes = Bytes(GgmlType.Q4_0, 1);
        using (var file = GgufFile.Parse(bytes, "sound.gguf"))
        {
            var tensor = file.GetTensor(TensorNames.FeedForwardUp(1));
            var row = tensor.Offset + (3 * tensor.Type.RowBytes(tensor.RowLength));
            bytes = [.. bytes];
            BitConverter.TryWriteBytes(bytes.AsSpan((int)row), Half.NaN);
        }

        using var damaged = GgufFile.Parse(bytes, "damaged.gguf");
        var error = Assert.Throws<InvalidFormatException>(() => DecoderModel.FromGguf(damaged, inFile ? InFile([]) : InMemory));
        Assert.Contains("damaged.gguf: tensor 'blk.1.ffn_up.weight'", error.Message);
        Assert.Contains("row 3 ", error.Message);
        Assert.Empty(PackedFiles());
    }

    [Fact]
    public void Open_UntiedEmbedding_IsNotPacked()
    {
        using var tied = DecoderModel.FromGguf(Write(GgmlType.Q8_0), InMemory);
        using var untied = DecoderModel.FromGguf(Write(GgmlType.Q8_0, tied: false), InMemory);
        Assert.True(tied.TokenEmbedding.IsPacked);
        Assert.False(untied.TokenEmbedding.IsPacked);
        Assert.True(untied.Output.IsPacked);
        Assert.Equal(Logits(tied).Length, Logits(untied).Length);
    }

    private static PackingOptions InMemory => new() { CacheBytesMin = long.MaxValue, Threads = 2 };

    private PackingOptions InFile(List<string> notices) => new() { CacheBytesMin = 0, CacheFolder = Path.Combine(_folder, "weights"), Threads = 2, Notice = notices.Add };

    private string[] PackedFiles() =>
        Directory.Exists(Path.Combine(_folder, "weights")) ? Directory.GetFiles(Path.Combine(_folder, "weights")) : [];

    private string WriteFile(GgmlType type, ulong seed = 1)
    {
        var path = Path.Combine(_folder, "model.gguf");
        File.WriteAllBytes(path, Bytes(type, seed));
        return path;
    }

    private static GgufFile Write(GgmlType type, bool tied = true) =>
        RandomModel.Write(Configuration with { TiedHead = tied }, seed: 1, type: _ => type);

    private static byte[] Bytes(GgmlType type, ulong seed)
    {
        var writer = new GgufWriter();
        Configuration.WriteTo(writer);
        using var source = RandomModel.Write(Configuration, seed, type: _ => type);
        foreach (var tensor in source.Tensors)
        {
            writer.AddTensor(tensor.Name, tensor.Dimensions, tensor.Type, source.Data(tensor));
        }

        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return stream.ToArray();
    }

    private static float[] Logits(DecoderModel model)
    {
        using var gang = new WorkerGang(2);
        using var cache = new KvCache(model.Configuration, 16, 4);
        using var pass = new ForwardPass(model, cache, gang);
        pass.Append(0, RandomModel.Tokens(model.Configuration, 9, 1), [new BlockId(0)], 9);
        pass.Run();
        return [.. Enumerable.Range(0, 9).SelectMany(row => pass.Logits(row).ToArray())];
    }
}
