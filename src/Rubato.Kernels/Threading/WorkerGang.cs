using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Rubato.Core;
using Rubato.Kernels.Memory;

namespace Rubato.Kernels.Threading;

/// <summary>
/// Threads that stay ready to share the items of a kernel with the calling thread. Idle workers spin for some 50 µs, the gap
/// between two kernels of a forward pass, and then sleep. Which worker runs an item never influences a result.
/// </summary>
/// <remarks>
/// One caller at a time; owners that share a gang take turns (<see cref="RunInTurn{TState, TResult}"/>). Starting a piece of work allocates nothing.
/// </remarks>
public sealed unsafe class WorkerGang : IDisposable
{
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private readonly Lock _callers = new();
    private readonly GangTurns _turns = new();
    private readonly object _gate = new();
    private readonly Thread[] _threads;
    private readonly AlignedBuffer<float>?[] _scratch;
    private readonly AlignedBuffer<nint> _scratchTable;
    private AlignedBuffer<float>? _sharedScratch;

    // Upper 32 bits: number of the current piece of work; lower 32 bits: its items that nobody has claimed yet. A claim is one
    // compare-and-swap of both, so a worker that wakes late can never claim an item of another piece than the one it saw.
    private long _claims;
    private int _unfinished;
    private int _asleep;
    private bool _stopping;

    // The current piece of work. Written while no item can be claimed, read only after an item has been.
    private void* _work;
    private delegate*<void*, int, int, void> _execute;
    private int _items;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">Threads that share the work, the calling one included; null: <see cref="AvailableProcessors.Threads"/>. Range 1…1024.</param>
    /// <exception cref="InvalidOptionException">The number is out of range.</exception>
    public WorkerGang(int? workers = null)
    {
        Workers = workers ?? AvailableProcessors.Current.Threads;
        if (Workers is < 1 or > 1024)
        {
            throw new InvalidOptionException($"threads: {Workers} is not in 1…1024; leave it out to use what the process may have.");
        }

        _scratch = new AlignedBuffer<float>?[Workers];
        _scratchTable = new(Workers);
        _threads = new Thread[Workers - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var worker = i + 1;
            _threads[i] = new(() => WorkLoop(worker)) { IsBackground = true, Name = $"rubato worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that share the work, the calling one included.</summary>
    public int Workers { get; }

    /// <summary>
    /// Runs an action that uses the gang for several pieces of work, alone: others that share the gang wait, and get their turn in the order in which
    /// they asked. So models of one server never compute on more threads than the server was given.
    /// </summary>
    /// <param name="state">What the action works on.</param>
    /// <param name="action">Uses the gang; it must not ask for a turn itself.</param>
    public TResult RunInTurn<TState, TResult>(TState state, Func<TState, TResult> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _turns.Enter();
        try
        {
            return action(state);
        }
        finally
        {
            _turns.Exit();
        }
    }

    /// <summary>Stops the threads and frees their scratch memory.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }

        foreach (var buffer in _scratch)
        {
            buffer?.Dispose();
        }

        _scratchTable.Dispose();
        _sharedScratch?.Dispose();
    }

    /// <summary>Runs items 0 … <paramref name="items"/> − 1 and returns when all are done. An exception of an item is thrown here.</summary>
    internal void Run<TWork>(ref TWork work, int items)
        where TWork : unmanaged, IGangWork
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        lock (_callers)
        {
            if (Workers == 1 || items <= 1)
            {
                for (var item = 0; item < items; item++)
                {
                    work.Execute(item, 0);
                }

                return;
            }

            fixed (TWork* pointer = &work)
            {
                Share(pointer, &Execute<TWork>, items);
            }
        }
    }

    /// <summary>Makes sure that every worker has scratch memory for this many floats. Call it between pieces of work.</summary>
    internal void ReserveScratch(int floats)
    {
        for (var worker = 0; worker < Workers; worker++)
        {
            if (_scratch[worker] is { } buffer && buffer.Length >= floats)
            {
                continue;
            }

            _scratch[worker]?.Dispose();
            _scratch[worker] = new(floats);
            _scratchTable.Pointer[worker] = (nint)_scratch[worker]!.Pointer;
        }
    }

    /// <summary>
    /// Address of a table with the address of each worker's scratch memory, aligned to 64 bytes. The memory holds whatever its last
    /// user left there.
    /// </summary>
    internal nint ScratchTable => (nint)_scratchTable.Pointer;

    /// <summary>Memory for the caller to prepare inputs in, at least this many floats; valid until the next call.</summary>
    internal float* SharedScratch(int floats)
    {
        if (_sharedScratch is null || _sharedScratch.Length < floats)
        {
            _sharedScratch?.Dispose();
            _sharedScratch = new(floats);
        }

        return _sharedScratch.Pointer;
    }

    private static void Execute<TWork>(void* work, int item, int worker)
        where TWork : unmanaged, IGangWork => Unsafe.AsRef<TWork>(work).Execute(item, worker);

    private void Share(void* work, delegate*<void*, int, int, void> execute, int items)
    {
        _work = work;
        _execute = execute;
        _items = items;
        _failure = null;
        _unfinished = items;
        var number = unchecked((uint)(_claims >> 32) + 1);
        Interlocked.Exchange(ref _claims, ((long)number << 32) | (uint)items);
        if (Volatile.Read(ref _asleep) > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }

        ClaimAndExecute(number, 0);
        var spin = new SpinWait();
        while (Volatile.Read(ref _unfinished) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        _failure?.Throw();
    }

    private void ClaimAndExecute(uint number, int worker)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _claims);
            var unclaimed = (uint)seen;
            if ((uint)(seen >> 32) != number || unclaimed == 0)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _claims, seen - 1, seen) != seen)
            {
                continue;
            }

            try
            {
                _execute(_work, _items - (int)unclaimed, worker);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            }

            Interlocked.Decrement(ref _unfinished);
        }
    }

    private void WorkLoop(int worker)
    {
        var number = 0u;
        while (WaitForWork(ref number))
        {
            ClaimAndExecute(number, worker);
        }
    }

    private bool WaitForWork(ref uint number)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - start < SpinTicks; Thread.SpinWait(8))
        {
            if (IsNew(ref number))
            {
                return true;
            }
        }

        lock (_gate)
        {
            // Counted before looking again: the caller publishes work before it looks at the count, so one of the two sees the other.
            Interlocked.Increment(ref _asleep);
            while (!IsNew(ref number))
            {
                if (_stopping)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            Interlocked.Decrement(ref _asleep);
        }

        return true;
    }

    private bool IsNew(ref uint number)
    {
        var current = (uint)(Volatile.Read(ref _claims) >> 32);
        var isNew = current != number;
        number = current;
        return isNew;
    }
}
