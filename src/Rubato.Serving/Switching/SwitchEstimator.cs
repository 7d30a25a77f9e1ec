using Rubato.Core;

namespace Rubato.Serving.Switching;

/// <summary>What steps and transfers have taken lately: moving averages of what the driver's instants say.</summary>
internal sealed class SwitchEstimator
{
    private const double Weight = 0.2;
    private double _step;
    private double _stepBesideTransfers;
    private double _blockOut;
    private double _blockIn;

    /// <summary>Nanoseconds of a step with work, while blocks move; 0 before the first.</summary>
    public Duration Step => new((long)(_stepBesideTransfers > 0 ? _stepBesideTransfers : _step));

    /// <summary>A step with work took so long.</summary>
    public void StepTook(Duration duration, bool besideTransfers)
    {
        if (besideTransfers)
        {
            Learn(ref _stepBesideTransfers, duration.Nanoseconds);
        }
        else
        {
            Learn(ref _step, duration.Nanoseconds);
        }
    }

    /// <summary>A transfer took so long from its order to its end.</summary>
    public void TransferTook(Duration duration, int blocks, bool isOut)
    {
        if (isOut)
        {
            Learn(ref _blockOut, (double)duration.Nanoseconds / blocks);
        }
        else
        {
            Learn(ref _blockIn, (double)duration.Nanoseconds / blocks);
        }
    }

    /// <summary>The time that so many blocks will take, those out first.</summary>
    public Duration Transfer(int blocksOut, int blocksIn) => new((long)((_blockOut * blocksOut) + (_blockIn * blocksIn)));

    private static void Learn(ref double average, double value) =>
        average = average == 0 ? value : average + (Weight * (value - average));
}
