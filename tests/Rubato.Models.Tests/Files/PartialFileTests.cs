using Rubato.Core;
using Rubato.Models.Files;

namespace Rubato.Models.Tests.Files;

/// <summary>A file that grows over a long time does not touch the older one of its name before it is complete.</summary>
public sealed class PartialFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.Path("run.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_older_file_stays_until_the_new_one_is_complete()
    {
        File.WriteAllText(Target, "older");
        using var file = PartialFile.Create(Target);
        file.Stream.Write("newer"u8);
        file.Stream.Flush();
        Assert.Equal(Target + ".partial", file.PartialPath);
        Assert.Equal(("older", "newer"), (File.ReadAllText(Target), File.ReadAllText(file.PartialPath)));
        file.Complete();
        Assert.Equal("newer", File.ReadAllText(Target));
        Assert.Equal([Target], _folder.Entries);
    }

    [Fact]
    public void A_discarded_file_leaves_nothing_and_an_incomplete_one_itself()
    {
        File.WriteAllText(Target, "older");
        using (var discarded = PartialFile.Create(Target))
        {
            discarded.Stream.Write("x"u8);
            discarded.Discard();
        }

        Assert.Equal([Target], _folder.Entries);
        using (var incomplete = PartialFile.Create(Target))
        {
            incomplete.Stream.Write("half"u8);
        }

        Assert.Equal("older", File.ReadAllText(Target));
        Assert.Equal("half", File.ReadAllText(Target + ".partial"));
    }

    [Fact]
    public void Partial_files_of_other_runs_are_left_alone()
    {
        File.WriteAllText(Target + ".partial", "of a killed run");
        using var second = PartialFile.Create(Target);
        using var third = PartialFile.Create(Target);
        Assert.Equal((Target + ".2.partial", Target + ".3.partial"), (second.PartialPath, third.PartialPath));
        second.Complete();
        third.Complete();
        Assert.Equal([Target, Target + ".partial"], _folder.Entries);
        Assert.Equal("of a killed run", File.ReadAllText(Target + ".partial"));
    }

    [Fact]
    public void Without_a_buffer_every_write_is_in_the_file_at_once()
    {
        using var file = PartialFile.Create(Target, bufferBytes: 0);
        for (var length = 1; length < 20; length++)
        {
            file.Stream.Write([(byte)length]);
            Assert.Equal(length, new FileInfo(file.PartialPath).Length);
        }
    }

    [Fact]
    public void Files_for_their_owner_links_and_devices()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var link = _folder.Path("link");
        File.CreateSymbolicLink(link, Target);
        using (var file = PartialFile.Create(link, ownerOnly: true))
        {
            file.Complete();
        }

        Assert.Equal(Target, File.ResolveLinkTarget(link, returnFinalTarget: true)!.FullName);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Target));
        using (var device = PartialFile.Create("/dev/null"))
        {
            device.Stream.Write("x"u8);
            device.Complete();
        }

        Assert.False(File.Exists("/dev/null.partial"));
    }

    [Fact]
    public void Targets_that_cannot_be_are_refused_in_one_line()
    {
        foreach (var path in new[] { _folder.Root, _folder.Path("none/run.jsonl"), _folder.Path(new string('n', 300)) })
        {
            Assert.DoesNotContain('\n', Assert.Throws<RubatoException>(() => PartialFile.Create(path)).Message);
        }
    }
}
