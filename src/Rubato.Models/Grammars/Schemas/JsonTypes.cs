namespace Rubato.Models.Grammars.Schemas;

/// <summary>Kinds of JSON values; numbers that are whole apart from the rest.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    Number = Integer | Fraction,
    String = 16,
    Array = 32,
    Object = 64,
    All = Null | Boolean | Number | String | Array | Object,
}
