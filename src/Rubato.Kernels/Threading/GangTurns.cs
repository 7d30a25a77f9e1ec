namespace Rubato.Kernels.Threading;

/// <summary>Lets several owners of work use one <see cref="WorkerGang"/> in turns, in the order in which they asked. Thread-safe.</summary>
internal sealed class GangTurns
{
    private readonly object _gate = new();
    private long _next;
    private long _current;

    /// <summary>Waits until it is the caller's turn.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            var mine = _next++;
            while (_current != mine)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Ends the turn.</summary>
    public void Exit()
    {
        lock (_gate)
        {
            _current++;
            Monitor.PulseAll(_gate);
        }
    }
}
