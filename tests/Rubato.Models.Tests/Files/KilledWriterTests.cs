using System.Globalization;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tests.Files;

/// <summary>A process that writes a model file again and again is killed (SIGKILL) at random moments: the target is always whole.</summary>
public sealed class KilledWriterTests
{
    private const int Kills = 12;

    [Fact]
    public void Kill_minus_nine_at_any_moment_leaves_the_last_good_file()
    {
        using var folder = new TemporaryFolder();
        var target = folder.Path("model.gguf");
        var prng = new Prng(9);
        var finished = 0;
        ModelWriterProcess.Write(target, finished);
        for (var kill = 0; kill < Kills; kill++)
        {
            finished = WriteUntilKilled(target, finished + 1, prng);
            var found = ReadNumber(target);
            Assert.InRange(found, finished, finished + 1); // One more when it was killed between the rename and its report.
            finished = found;
        }

        ModelWriterProcess.Write(target, finished + 1);
        Assert.Equal(finished + 1, ReadNumber(target));
        Assert.Equal([target], folder.Entries); // What the killed writers left has been removed.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_that_the_system_cuts_short_leaves_the_last_good_file(bool deadly)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        var target = folder.Path("model.gguf");
        ModelWriterProcess.Write(target, 1);
        using var process = ModelWriterProcess.StartWithoutRoom(target, first: 2, blocks: 100, deadly);
        Assert.Equal("", process.StandardOutput.ReadToEnd());
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal(1, ReadNumber(target));
        if (deadly)
        {
            var leftover = Assert.Single(folder.Entries, entry => entry != target);
            Assert.Equal(100 * 512, new FileInfo(leftover).Length); // Proof that it died in the middle of the file.
            ModelWriterProcess.Write(target, 3);
        }
        else
        {
            Assert.Contains($"{target}: cannot be written", complaint, StringComparison.Ordinal);
        }

        Assert.Equal([target], folder.Entries);
    }

    /// <summary>Kills the writer a random time after it finished a few files. Answers the last number that it reported.</summary>
    private static int WriteUntilKilled(string target, int first, Prng prng)
    {
        using var process = ModelWriterProcess.Start(target, first);
        try
        {
            var last = first - 1;
            for (var reports = prng.NextInt32(4); reports >= 0; reports--)
            {
                last = Number(process.StandardOutput.ReadLine());
            }

            Thread.SpinWait(prng.NextInt32(200_000));
            process.Kill();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                last = Number(line);
            }

            return last;
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private static int Number(string? line) =>
        int.Parse(line ?? throw new InvalidOperationException("The writer ended by itself."), CultureInfo.InvariantCulture);

    /// <summary>The number that every value of the file holds.</summary>
    private static int ReadNumber(string target)
    {
        using var file = GgufFile.Open(target);
        var number = file.Metadata.GetInt32("number");
        var tensor = Assert.Single(file.Tensors);
        Assert.Equal((ModelWriterProcess.TensorName, ModelWriterProcess.Rows), (tensor.Name, tensor.RowCount));
        Assert.Equal(-1, file.Data(tensor).AsSpan<float>().IndexOfAnyExcept(number));
        return number;
    }
}
