namespace Rubato.Models.Gguf;

/// <summary>Gives the rows of a tensor to a writer, one at a time and in order.</summary>
/// <param name="row">0 … number of rows − 1.</param>
/// <param name="destination">Where the row's values go: exactly a row's length.</param>
public delegate void GgufRowSource(long row, Span<float> destination);
