using Rubato.Core;
using Rubato.Hosting.Transfers.Faults;

namespace Rubato.Hosting.Transfers;

/// <summary>How a transfer engine works.</summary>
internal sealed record TransferOptions
{
    /// <summary>Most bytes of a slice; an urgent order waits for one slice per I/O thread at most. A multiple of 4,096 in 4,096 … 1 MiB.</summary>
    public int SliceBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Share of its time that an I/O thread copies while the model computes, above 0 and at most 1; null is what suits the tier: a quarter where the
    /// processor copies, all of it where the disk does.
    /// </summary>
    public double? CopyShare { get; init; }

    /// <summary>I/O threads, 1 … 16; null is what suits the tier: 1 for memory, 2 for a file.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether every block gets a checksum when it leaves the device, which is compared when it comes back.</summary>
    public bool Verifies { get; init; }

    /// <summary>Faults to inject; null in production.</summary>
    public ITransferFaults? Faults { get; init; }

    public void Validate()
    {
        if (SliceBytes is < 4096 or > 1 << 20 || SliceBytes % 4096 != 0)
        {
            throw new InvalidOptionException($"slice bytes: {SliceBytes} is no multiple of 4096 in 4096…1048576.");
        }

        if (CopyShare is { } share && !(share > 0 && share <= 1))
        {
            throw new InvalidOptionException($"copy share: {share} is not above 0 and at most 1.");
        }

        if (Threads is < 1 or > 16)
        {
            throw new InvalidOptionException($"I/O threads: {Threads} is not in 1…16.");
        }
    }
}
