using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.Torch.Reports;

namespace Rubato.Torch.Tests.Reports;

public sealed class GradientNormsFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("rubato-norms").FullName, "norms.csv");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Fact]
    public void A_resumed_run_leaves_the_file_of_an_uninterrupted_one()
    {
        Write(0, 1, 10);
        var whole = File.ReadAllText(_path);
        Write(0, 1, 7);
        File.AppendAllText(_path, "7,0.3"); // Killed in the middle of a line.
        Write(4, 5, 10);
        Assert.Equal(whole, File.ReadAllText(_path));
        using var reader = new StringReader(whole);
        var norms = GradientNormText.Read(reader, "norms.csv");
        Assert.Equal(Enumerable.Range(1, 10).Select(step => 3.0 / step), norms.L1);
        Assert.Equal(Enumerable.Range(1, 10).Select(step => 1.0 / step), norms.L2);
    }

    [Fact]
    public void Norms_missing_from_before_the_resume_are_noticed()
    {
        Write(0, 1, 3);
        Assert.Contains("holds 3 of the 8 norms", Assert.Throws<RubatoException>(() => Write(8, 9, 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_run_keeps_means_of_blocks()
    {
        using (var file = new GradientNormsFile(_path, updates: 2_000_000, stepsDone: 0))
        {
            for (var step = 1; step <= 60; step++)
            {
                file.OnUpdate(Report(step, step, 2 * step));
            }
        }

        Assert.Equal(["step,l1,l2", "19,21,10.5", "39,61,30.5", "59,101,50.5"], File.ReadAllLines(_path));
    }

    private void Write(long stepsDone, int first, int last)
    {
        using var file = new GradientNormsFile(_path, updates: 10, stepsDone);
        for (var step = first; step <= last; step++)
        {
            file.OnUpdate(Report(step, 1.0 / step, 3.0 / step));
        }
    }

    private static UpdateReport Report(int step, double l2, double l1) =>
        new(new(step, step * 10, step / 2.0, new Duration(step)), 0.5, 1, 1e-3, l2, 100) { GradientL1 = l1 };
}
