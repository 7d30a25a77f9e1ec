using Rubato.Core;
using Rubato.Models.Files;

namespace Rubato.Models.Tests.Files;

/// <summary>Whatever goes wrong while writing, the target keeps its last good content and nothing else is left behind.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private static readonly byte[] Old = "the last good content"u8.ToArray();

    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.Path("model.gguf");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void New_content_replaces_the_old_one()
    {
        AtomicFile.Write(Target, stream => stream.Write(Old));
        Assert.Equal(Old, File.ReadAllBytes(Target));
        AtomicFile.Write(Target, stream => stream.Write([1, 2, 3]), path => Assert.Equal([1, 2, 3], File.ReadAllBytes(path)));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Target));
        Assert.Equal([Target], _folder.Entries);
    }

    [Fact]
    public void A_disk_that_fills_up_after_any_number_of_bytes_changes_nothing()
    {
        AtomicFile.Write(Target, stream => stream.Write(Old));
        for (var room = 0; room < 300; room++)
        {
            var failure = Assert.Throws<RubatoException>(
                () => AtomicFile.Write(Target, WriteInPieces, null, stream => new FillingStream(stream, room)));
            Assert.StartsWith($"{Target}: cannot be written: No space left on device", failure.Message, StringComparison.Ordinal);
            Assert.Equal(Old, File.ReadAllBytes(Target));
            Assert.Equal([Target], _folder.Entries);
        }

        AtomicFile.Write(Target, WriteInPieces, null, stream => new FillingStream(stream, 300));
        Assert.Equal(300, new FileInfo(Target).Length);
    }

    [Fact]
    public void A_failed_check_or_a_failure_of_the_content_itself_changes_nothing()
    {
        AtomicFile.Write(Target, stream => stream.Write(Old));
        Assert.Throws<InvalidFormatException>(() => AtomicFile.Write(Target, WriteInPieces, _ => throw new InvalidFormatException("bad")));
        Assert.Throws<ArithmeticException>(() => AtomicFile.Write(Target, stream =>
        {
            WriteInPieces(stream);
            throw new ArithmeticException();
        }));
        Assert.Equal(Old, File.ReadAllBytes(Target));
        Assert.Equal([Target], _folder.Entries);
    }

    [Fact]
    public void Leftovers_of_dead_writers_go_and_live_writers_are_left_alone()
    {
        var stale = _folder.Path(".model.gguf.12345-1.rubato-tmp");
        var ofAnother = _folder.Path(".other.gguf.12345-1.rubato-tmp");
        File.WriteAllText(stale, "half a mod");
        File.WriteAllText(ofAnother, "half a mod");
        AtomicFile.Write(Target, outer =>
        {
            outer.Write([1]);
            AtomicFile.Write(Target, inner => inner.Write([2])); // Another writer comes and goes while the first is still at it.
            Assert.Equal([2], File.ReadAllBytes(Target));
        });
        Assert.Equal([1], File.ReadAllBytes(Target));
        Assert.Equal([ofAnother, Target], _folder.Entries);
    }

    [Fact]
    public void Concurrent_writers_leave_the_content_of_one_of_them()
    {
        Parallel.For(0, 40, new() { MaxDegreeOfParallelism = 4 }, writer =>
            AtomicFile.Write(Target, stream => stream.Write(Enumerable.Repeat((byte)writer, 3000).ToArray())));
        var content = File.ReadAllBytes(Target);
        Assert.Equal(3000, content.Length);
        Assert.Single(content.Distinct());
        Assert.Equal([Target], _folder.Entries);
    }

    [Fact]
    public void Links_are_followed_and_permissions_kept()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        AtomicFile.Write(Target, stream => stream.Write(Old));
        File.SetUnixFileMode(Target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var link = _folder.Path("link");
        File.CreateSymbolicLink(link, Target);
        AtomicFile.Write(link, stream => stream.Write([1]));
        Assert.Equal([1], File.ReadAllBytes(Target));
        Assert.Equal(Target, File.ResolveLinkTarget(link, returnFinalTarget: true)!.FullName);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Target));
    }

    [Fact]
    public void Targets_that_cannot_be_are_refused_in_one_line()
    {
        Assert.Contains("is a folder", Refusal(_folder.Root), StringComparison.Ordinal);
        Assert.Contains("does not exist; create it first", Refusal(_folder.Path("none/model.gguf")), StringComparison.Ordinal);
        AtomicFile.Write(Target, stream => stream.Write(Old));
        Assert.Contains($"{Target} is a file, not a folder", Refusal(Target + "/model.gguf"), StringComparison.Ordinal);
        Assert.Contains("cannot be written", Refusal(_folder.Path(new string('n', 300))), StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_whether_a_target_can_be_written_changes_nothing()
    {
        AtomicFile.CheckWritable(Target);
        Assert.Empty(_folder.Entries);
        AtomicFile.Write(Target, stream => stream.Write(Old));
        AtomicFile.CheckWritable(Target);
        Assert.Equal(Old, File.ReadAllBytes(Target));
        Assert.Equal([Target], _folder.Entries);
        foreach (var impossible in new[] { _folder.Root, _folder.Path("none/model.gguf"), Target + "/model.gguf", _folder.Path(new string('n', 300)) })
        {
            Assert.DoesNotContain('\n', Assert.Throws<RubatoException>(() => AtomicFile.CheckWritable(impossible)).Message);
        }
    }

    [Fact]
    public void A_folder_that_takes_no_files_is_found_out_before_writing()
    {
        if (OperatingSystem.IsLinux())
        {
            // Not even root makes a file there.
            var message = Assert.Throws<RubatoException>(() => AtomicFile.CheckWritable("/proc/self/model.gguf")).Message;
            Assert.StartsWith("/proc/self/model.gguf: cannot be written: ", message, StringComparison.Ordinal);
        }
    }

    private static string Refusal(string path)
    {
        var message = Assert.Throws<RubatoException>(() => AtomicFile.Write(path, WriteInPieces)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static void WriteInPieces(Stream stream)
    {
        for (var i = 0; i < 60; i++)
        {
            stream.Write([1, 2, 3, 4, 5]);
        }
    }

    /// <summary>Passes on the first bytes, then fails as a full disk does; a write that crosses the limit is half done.</summary>
    private sealed class FillingStream(Stream inner, long room) : MemoryStream
    {
        private long _room = room;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fits = (int)Math.Min(buffer.Length, _room);
            inner.Write(buffer[..fits]);
            _room -= fits;
            if (fits < buffer.Length)
            {
                throw new IOException("No space left on device");
            }
        }

        public override void Flush() => inner.Flush();
    }
}
