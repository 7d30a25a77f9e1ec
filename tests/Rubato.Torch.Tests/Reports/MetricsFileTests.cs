using Rubato.Core;
using Rubato.Torch.Reports;

namespace Rubato.Torch.Tests.Reports;

public sealed class MetricsFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("rubato-metrics").FullName, "metrics.jsonl");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void A_resumed_run_leaves_the_file_of_an_uninterrupted_one()
    {
        Write(0, 1, 10);
        var whole = File.ReadAllText(_path);
        Write(0, 1, 7);
        File.AppendAllText(_path, """{"step":8,"lo"""); // Killed in the middle of a line.
        Write(4, 5, 10);
        Assert.Equal(whole, File.ReadAllText(_path));
    }

    [Fact]
    public void TensorBoard_files_are_written()
    {
        var log = new TensorBoardLog(Path.GetDirectoryName(_path)!);
        log.OnUpdate(Report(1));
        log.OnValidation(Report(1).At, new(1, 2, 3, 4));
        var file = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_path)!, "events.out.tfevents.*"));
        var content = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file));
        Assert.All(
            [
                "train/loss", "train/learning_rate", "train/gradient_norm", "train/tokens_per_second",
                "validation/loss", "validation/bits_per_byte",
            ],
            tag => Assert.Contains(tag, content, StringComparison.Ordinal));
    }

    private void Write(long stepsDone, int first, int last)
    {
        using var metrics = new MetricsFile(_path, stepsDone);
        for (var step = first; step <= last; step++)
        {
            metrics.OnUpdate(Report(step));
        }
    }

    private static UpdateReport Report(int step) =>
        new(new(step, step * 10, step / 2.0, new Duration(step)), 0.5, 1.0 / step, 1e-3, 2, 100);
}
