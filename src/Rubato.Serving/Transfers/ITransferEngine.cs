using System.Diagnostics.CodeAnalysis;

namespace Rubato.Serving.Transfers;

/// <summary>Moves blocks between the arenas: real copies on I/O threads in a live host, a link model in a simulated world.</summary>
/// <remarks>
/// One caller. Orders of one lane and direction start in the order in which they were submitted; urgent ones pass bulk ones at the border of a
/// slice. Every submitted order ends exactly once.
/// </remarks>
public interface ITransferEngine
{
    /// <summary>Takes an order and returns at once.</summary>
    void Submit(TransferOrder order);

    /// <summary>Asks that what of an order has not been copied yet is left out. It still ends, as done or as cancelled.</summary>
    void Cancel(long ticket);

    /// <summary>Takes out one order that has ended, if there is one.</summary>
    bool TryTakeEnded([NotNullWhen(true)] out EndedTransfer? ended);
}

/// <summary>An order that has ended.</summary>
/// <param name="Ticket">Which.</param>
/// <param name="Outcome">How.</param>
/// <param name="Copies">Copy calls that were made: runs times planes, when all were.</param>
/// <param name="Bytes">Bytes that were moved.</param>
/// <param name="Failure">Why it failed, as one clear line; null when it did not.</param>
public sealed record EndedTransfer(long Ticket, TransferOutcome Outcome, long Copies, long Bytes, string? Failure = null);
