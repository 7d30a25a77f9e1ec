using Rubato.Inference.Models;
using Rubato.Inference.Packing;
using Rubato.Models;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Tests.Packing;

public sealed class PackedWeightsCacheTests : IDisposable
{
    private static readonly ModelConfiguration Configuration = RandomModel.Configuration with { EmbeddingLength = 256, FeedForwardLength = 512, HeadCount = 8, HeadLength = 32, RopeDimensionCount = 32 };

    private readonly string _root = Directory.CreateTempSubdirectory("rubato-cache-").FullName;

    private string Folder => Path.Combine(_root, "weights");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Remove_TakesWhatWasNotUsedForTheTimeAndNothingElse()
    {
        Open("a.gguf", 1);
        Open("b.gguf", 2);
        File.WriteAllText(Path.Combine(Folder, "foreign.panels"), "not made by us");
        File.WriteAllText(Path.Combine(Folder, "notes.txt"), "nor this");
        var clock = new Clock { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
        var cache = new PackedWeightsCache(Folder, clock);
        Assert.Equal(2, cache.List().Length);
        foreach (var (file, i) in cache.List().OrderBy(file => file.Path).Select((file, i) => (file, i)))
        {
            File.SetLastWriteTimeUtc(file.Path, clock.Now.AddDays(-10 * (i + 1)).UtcDateTime);
        }

        Assert.Empty(cache.Remove(TimeSpan.FromDays(20)));
        Assert.Contains("b-", Assert.Single(cache.Remove(TimeSpan.FromDays(19))).Path);
        Assert.Contains("a-", Assert.Single(cache.List()).Path);
        Assert.Single(cache.Remove(TimeSpan.Zero));
        Assert.Equal(["foreign.panels", "notes.txt"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
        Assert.Empty(new PackedWeightsCache(Path.Combine(_root, "none")).List());
    }

    /// <summary>A start marks its file as used; making a new file removes those that nobody used for long.</summary>
    [Fact]
    public void Open_MarksItsFile_AndANewOneRemovesTheOld()
    {
        Open("a.gguf", 1);
        Open("b.gguf", 2);
        var longAgo = TimeProvider.System.GetUtcNow() - PackedWeightsCache.UnusedMax - TimeSpan.FromDays(1);
        var files = new PackedWeightsCache(Folder).List();
        foreach (var file in files)
        {
            File.SetLastWriteTimeUtc(file.Path, longAgo.UtcDateTime);
        }

        Assert.Empty(Open("a.gguf", 1));
        Assert.Equal(2, new PackedWeightsCache(Folder).List().Length);
        Assert.Single(Open("c.gguf", 3));
        Assert.Equal(["a-", "c-"], new PackedWeightsCache(Folder).List().Select(file => Path.GetFileName(file.Path)[..2]).Order());
    }

    /// <summary>Several that start at once pack once; the others wait and map what was made.</summary>
    [Fact]
    public void Open_AtOnce_PacksOnce()
    {
        var notices = new List<string>();
        Write("a.gguf", 1);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            var own = Open("a.gguf", 1);
            lock (notices)
            {
                notices.AddRange(own);
            }
        });
        Assert.Single(notices, notice => notice.Contains("once", StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(Folder));
    }

    /// <summary>While another holds the claim, an open waits; when that one dies without a file, its lock goes with it and the weights are packed here.</summary>
    [Fact]
    public async Task Open_TheOtherDies_PacksItself()
    {
        var path = Write("a.gguf", 1);
        Open("a.gguf", 1);
        var packed = Assert.Single(Directory.GetFiles(Folder));
        File.Delete(packed);
        var dying = new FileStream(packed + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var waiting = new TaskCompletionSource();
        var notices = new List<string>();
        var opening = Task.Run(() => DecoderModel.Open(path, Options(notices) with
        {
            Notice = line =>
            {
                notices.Add(line);
                waiting.TrySetResult();
            },
        }).Dispose(), TestContext.Current.CancellationToken);
        await waiting.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(File.Exists(packed));
        await dying.DisposeAsync(); // The file stays, as when its holder is killed.
        await opening;
        Assert.Contains("another process", notices[0]);
        Assert.Contains("once", notices[1]);
        Assert.Equal([packed], Directory.GetFiles(Folder));
    }

    private List<string> Open(string name, ulong seed)
    {
        var notices = new List<string>();
        DecoderModel.Open(Write(name, seed), Options(notices)).Dispose();
        return notices;
    }

    private PackingOptions Options(List<string> notices) => new() { CacheBytesMin = 0, CacheFolder = Folder, Threads = 1, Notice = notices.Add };

    private string Write(string name, ulong seed)
    {
        var path = Path.Combine(_root, name);
        if (File.Exists(path))
        {
            return path;
        }

        var writer = new GgufWriter();
        Configuration.WriteTo(writer);
        using var source = RandomModel.Write(Configuration, seed, type: _ => GgmlType.Q8_0);
        foreach (var tensor in source.Tensors)
        {
            writer.AddTensor(tensor.Name, tensor.Dimensions, tensor.Type, source.Data(tensor));
        }

        writer.Write(path);
        return path;
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; init; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
