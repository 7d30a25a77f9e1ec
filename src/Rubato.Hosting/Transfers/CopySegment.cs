namespace Rubato.Hosting.Transfers;

/// <summary>Bytes that lie together in the device arena and in the swap arena.</summary>
/// <param name="Device">Offset in the device arena.</param>
/// <param name="Swap">Offset in the swap arena.</param>
/// <param name="Bytes">How many; a multiple of 4,096.</param>
internal readonly record struct CopySegment(long Device, long Swap, int Bytes);
