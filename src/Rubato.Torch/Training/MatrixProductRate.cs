using static TorchSharp.torch;

namespace Rubato.Torch.Training;

/// <summary>The machine's float32 matrix-product rate, against which a run's utilisation is stated.</summary>
public static class MatrixProductRate
{
    private const int Size = 768;
    private const int Bursts = 12;

    /// <summary>Multiplies square matrices for about a tenth of a second.</summary>
    /// <returns>The best rate in floating-point operations per second.</returns>
    public static double Measure(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        var (a, b, c) = (randn(Size, Size), randn(Size, Size), zeros(Size, Size));
        var best = TimeSpan.MaxValue;
        for (var burst = 0; burst < Bursts; burst++)
        {
            var started = clock.GetTimestamp();
            c.addmm_(a, b, beta: 0, alpha: 1);
            var elapsed = clock.GetElapsedTime(started);
            best = burst > 0 && elapsed < best ? elapsed : best;
        }

        return 2.0 * Size * Size * Size / best.TotalSeconds;
    }
}
