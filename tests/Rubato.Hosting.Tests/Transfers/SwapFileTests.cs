using Microsoft.Extensions.Logging.Abstractions;
using Rubato.Core;
using Rubato.Hosting.Tests.Testing;
using Rubato.Hosting.Transfers;
using Rubato.Hosting.Transfers.Tiers;
using Rubato.Kernels.Memory;

namespace Rubato.Hosting.Tests.Transfers;

public sealed class SwapFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rubato-swapfile-");

    [Fact]
    public void Create_InAFolder_HasItsLengthAndNoName()
    {
        using var logs = new LogRecorder();
        using (var file = SwapFile.Create(_folder.FullName, (3 << 20) + 4096, logs.CreateLogger("Rubato.Test")))
        {
            Assert.Empty(_folder.GetFileSystemInfos());
            Assert.Equal((3 << 20) + 4096, RandomAccess.GetLength(file.Handle));
            Assert.StartsWith(_folder.FullName, file.Path, StringComparison.Ordinal);
            Assert.Contains(logs.Entries, entry => entry.Message.Contains(file.Manner, StringComparison.Ordinal));
            if (OperatingSystem.IsLinux())
            {
                Assert.Single(Deleted());
            }
        }

        Assert.Empty(Deleted());
    }

    /// <summary>Memory file systems refuse direct I/O, or have begun to take it: the bytes come back either way.</summary>
    [Fact]
    public void Create_OnAMemoryFileSystem_Works()
    {
        var path = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : _folder.FullName, $"rubato-test-{Environment.ProcessId}");
        using var file = SwapFile.Create(path, 8192, NullLogger.Instance);
        using var memory = new NativeRegion(4096);
        memory.Slice(0, 4096).Fill(7);
        RandomAccess.Write(file.Handle, memory.Slice(0, 4096), 4096);
        memory.Slice(0, 4096).Clear();
        Assert.Equal(4096, RandomAccess.Read(file.Handle, memory.Slice(0, 4096), 4096));
        Assert.Equal(-1, memory.Slice(0, 4096).IndexOfAnyExcept((byte)7));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Create_WhatExists_IsRefusedAndLeftAlone()
    {
        var path = Path.Combine(_folder.FullName, "mine");
        File.WriteAllText(path, "text");
        Assert.Contains("it exists", Refused(path, 4096), StringComparison.Ordinal);
        Assert.Equal("text", File.ReadAllText(path));
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(Path.Combine(_folder.FullName, "link"), Path.Combine(_folder.FullName, "nowhere"));
            Refused(Path.Combine(_folder.FullName, "link"), 4096);
            Assert.False(File.Exists(Path.Combine(_folder.FullName, "nowhere")));
        }
    }

    [Theory]
    [InlineData("no/such/folder/file")]
    [InlineData("")]
    public void Create_WhereNothingCanBe_IsOneClearLine(string name) =>
        Assert.Contains("cannot be made", Refused(name.Length == 0 ? "" : Path.Combine(_folder.FullName, name), 4096), StringComparison.Ordinal);

    [Fact]
    public void Create_LargerThanTheDisk_IsRefusedBeforeAnythingIsWritten()
    {
        Assert.Contains("are free there", Refused(_folder.FullName, 1L << 60), StringComparison.Ordinal);
        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Fact]
    public void Create_DiskFillsUpMeanwhile_IsOneClearLineAndLeavesNothing()
    {
        var error = Assert.Throws<InvalidOptionException>(() => SwapFile.Create(
            _folder.FullName, 8 << 20, NullLogger.Instance, offset => _ = offset < 3 << 20 ? 0 : throw new IOException("No space left on device")));
        Assert.Matches("^swap file .*: 8MiB cannot be written there \\(No space left on device\\); give another folder or a smaller size\\.$", error.Message);
        Assert.Empty(_folder.GetFileSystemInfos());
        Assert.Empty(Deleted());
    }

    [Fact]
    public void Open_TierOfNoBlockOrTooMuchMemory_IsOneClearLine()
    {
        using var device = new NativeRegion(8192);
        foreach (var tier in new[] { "ram:100", "file:/tmp:100", "ram:4000000TiB", "file:/tmp:4000000TiB" })
        {
            var error = Assert.Throws<InvalidOptionException>(
                () => SwapTier.Open(SwapTierOptions.Parse(tier), device, new(1, 1, 8192), new(), NullLogger.Instance));
            Assert.StartsWith("swap ", error.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Refused(string path, long bytes)
    {
        var error = Assert.Throws<InvalidOptionException>(() => SwapFile.Create(path, bytes, NullLogger.Instance));
        Assert.StartsWith("swap file ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    /// <summary>Open files of this process that lay in the test's folder and have no name any more.</summary>
    private string[] Deleted() => OperatingSystem.IsLinux()
        ? [.. Directory.EnumerateFiles("/proc/self/fd")
            .Select(link => new FileInfo(link).LinkTarget)
            .OfType<string>()
            .Where(target => target.StartsWith(_folder.FullName, StringComparison.Ordinal) && target.EndsWith(" (deleted)", StringComparison.Ordinal))]
        : [];
}
