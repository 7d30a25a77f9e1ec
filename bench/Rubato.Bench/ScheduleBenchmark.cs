using BenchmarkDotNet.Attributes;
using Rubato.Core;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;

namespace Rubato.Bench;

/// <summary>The rate of one update (bound: 100 ns, no allocation), and loading a refined table of a million steps (bound: 100 ms).</summary>
[MemoryDiagnoser]
public class ScheduleBenchmark
{
    private const int Steps = 1_000_000;

    private StepSchedule _schedule = null!;
    private byte[] _table = [];
    private long _step;

    [Params("rex", "uba", "cosine", "rex | warmup(5%) | floor(1%)")]
    public string Schedule { get; set; } = "rex";

    [GlobalSetup]
    public void Setup()
    {
        _schedule = LearningRates.Schedules.Schedule.Parse(Schedule).Bind(Steps);
        var prng = new Prng(1);
        var values = new double[Steps];
        foreach (ref var value in values.AsSpan())
        {
            value = prng.NextDouble();
        }

        var stream = new MemoryStream();
        TableFile.Write(stream, new TableProfile([.. values]));
        _table = stream.ToArray();
    }

    [Benchmark]
    public double At() => _schedule.At(_step = (_step + 7919) % Steps);

    [Benchmark]
    public double LoadTable() => TableFile.Read(_table, "table").Values.Count;
}
