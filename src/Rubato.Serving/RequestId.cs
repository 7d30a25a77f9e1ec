namespace Rubato.Serving;

/// <summary>The identity of one request for one sequence of tokens, unique for the life of a scheduler.</summary>
/// <param name="Value">Assigned by the host, in order of arrival.</param>
public readonly record struct RequestId(long Value) : IComparable<RequestId>
{
    /// <inheritdoc/>
    public int CompareTo(RequestId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => $"r{Value}";
}
