namespace Rubato.Models.DataSets;

/// <summary>A value of R's serialization: only what data frames are made of.</summary>
internal abstract record RValue
{
    /// <summary>Attributes such as names, class, levels.</summary>
    public IReadOnlyDictionary<string, RValue> Attributes { get; init; } = new Dictionary<string, RValue>();
}

internal sealed record RNull : RValue;

internal sealed record RSymbol(string Name) : RValue;

internal sealed record RString(string? Text) : RValue;

internal sealed record RIntegers(int[] Values) : RValue;

internal sealed record RDoubles(double[] Values) : RValue;

internal sealed record RStrings(string[] Values) : RValue;

internal sealed record RList(RValue[] Items) : RValue;

internal sealed record RPairs(IReadOnlyList<(string Tag, RValue Value)> Items) : RValue;
