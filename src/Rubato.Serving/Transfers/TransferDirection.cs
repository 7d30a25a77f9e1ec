namespace Rubato.Serving.Transfers;

/// <summary>Which way blocks move.</summary>
public enum TransferDirection
{
    /// <summary>From the device arena, where the model reads, to the swap arena.</summary>
    Out,

    /// <summary>From the swap arena to the device arena.</summary>
    In,
}
