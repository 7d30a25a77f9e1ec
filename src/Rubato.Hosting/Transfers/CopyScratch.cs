namespace Rubato.Hosting.Transfers;

/// <summary>What an I/O thread uses again for every slice.</summary>
internal sealed class CopyScratch
{
    private long _calls;

    /// <summary>Stretches of memory to write.</summary>
    public List<ReadOnlyMemory<byte>> Sources { get; } = [];

    /// <summary>Stretches of memory to read into.</summary>
    public List<Memory<byte>> Destinations { get; } = [];

    /// <summary>Counts a copy of memory or a call of the operating system.</summary>
    public void CountCall() => _calls++;

    /// <summary>What was counted since the last time.</summary>
    public long TakeCalls()
    {
        var calls = _calls;
        _calls = 0;
        return calls;
    }
}
