using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Transfers.Faults;

/// <summary>What a test makes go wrong in the I/O threads of a transfer engine.</summary>
internal interface ITransferFaults
{
    /// <summary>Called by an I/O thread before it copies a slice. May take its time: that is a slow disk.</summary>
    /// <param name="ticket">The order.</param>
    /// <param name="direction">Its direction.</param>
    /// <param name="slice">Number of the slice in the order, from 0.</param>
    TransferFault Before(long ticket, TransferDirection direction, int slice);
}

/// <summary>What goes wrong with a slice.</summary>
internal enum TransferFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The read or write fails.</summary>
    Fail,

    /// <summary>One bit comes back different; when a block leaves the device, nothing.</summary>
    Corrupt,
}
