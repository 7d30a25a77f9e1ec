using System.Diagnostics;

namespace Rubato.Hosting.Transfers;

/// <summary>Keeps a thread to a share of its time: after copying for t it owes a pause of t · (1 ÷ share − 1).</summary>
/// <remarks>Pauses are taken in whole milliseconds, which is what a wait resolves; what is owed below that is kept for the next one.</remarks>
internal sealed class CopyPace(double share)
{
    private readonly double _pausePerBusy = (1 / share) - 1;
    private double _owedMilliseconds;

    /// <summary>The pause that is due, in whole milliseconds; 0 when none is.</summary>
    public int DueMilliseconds => (int)Math.Min(_owedMilliseconds, int.MaxValue);

    public void Copied(TimeSpan busy) => _owedMilliseconds += busy.TotalMilliseconds * _pausePerBusy;

    public void Paused(TimeSpan pause) => _owedMilliseconds = Math.Max(0, _owedMilliseconds - pause.TotalMilliseconds);

    /// <summary>Nothing is owed any more: nobody computes.</summary>
    public void Forget() => _owedMilliseconds = 0;

    /// <summary>Waits on a monitor that the caller holds until the pause is over or somebody pulses it.</summary>
    public void PauseOn(object gate)
    {
        var start = Stopwatch.GetTimestamp();
        Monitor.Wait(gate, DueMilliseconds);
        Paused(Stopwatch.GetElapsedTime(start));
    }
}
