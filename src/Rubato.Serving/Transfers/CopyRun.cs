namespace Rubato.Serving.Transfers;

/// <summary>One copy of a transfer: consecutive blocks of one arena to consecutive blocks of the other.</summary>
/// <param name="Source">First block in the arena that is read.</param>
/// <param name="Destination">First block in the arena that is written.</param>
/// <param name="Count">Blocks; at least 1.</param>
public readonly record struct CopyRun(int Source, int Destination, int Count);
