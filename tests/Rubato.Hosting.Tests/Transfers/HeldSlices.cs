using Rubato.Hosting.Tests.Testing;
using Rubato.Hosting.Transfers.Faults;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Tests.Transfers;

/// <summary>Holds the I/O threads at one slice until the test lets them go, and keeps the order in which slices were begun.</summary>
internal sealed class HeldSlices(long ticket, int slice = 0, TransferFault fault = TransferFault.None) : ITransferFaults, IDisposable
{
    private readonly ManualResetEventSlim _reached = new();
    private readonly ManualResetEventSlim _released = new();
    private readonly List<(long Ticket, int Slice)> _begun = [];

    public (long Ticket, int Slice)[] Begun
    {
        get
        {
            lock (_begun)
            {
                return [.. _begun];
            }
        }
    }

    public TransferFault Before(long current, TransferDirection direction, int index)
    {
        lock (_begun)
        {
            _begun.Add((current, index));
        }

        if ((current, index) != (ticket, slice))
        {
            return TransferFault.None;
        }

        _reached.Set();
        Assert.True(_released.Wait(Wait.Limit));
        return fault;
    }

    /// <summary>Waits until a thread has come to the slice.</summary>
    public void AwaitReached() => Assert.True(_reached.Wait(Wait.Limit));

    public void Release() => _released.Set();

    public void Dispose()
    {
        _reached.Dispose();
        _released.Dispose();
    }
}
