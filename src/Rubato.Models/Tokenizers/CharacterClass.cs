using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Rubato.Models.Tokenizers;

/// <summary>The classes of characters that the published pre-tokenizer expressions distinguish; every code point is in one, sets of them are joined.</summary>
[Flags]
internal enum CharacterClass : ushort
{
    /// <summary>None, as beyond the end of a text.</summary>
    None = 0,

    /// <summary>Upper case and title case (Lu, Lt).</summary>
    Upper = 1,

    /// <summary>Lower case (Ll).</summary>
    Lower = 2,

    /// <summary>Letters without case and modifiers (Lo, Lm).</summary>
    Caseless = 4,

    /// <summary>Marks (M).</summary>
    Mark = 8,

    /// <summary>Numbers (N).</summary>
    Number = 16,

    /// <summary>Punctuation (P).</summary>
    Punctuation = 32,

    /// <summary>Symbols (S). Lone surrogates count as such, because they are encoded as U+FFFD.</summary>
    Symbol = 64,

    /// <summary>White space other than line breaks.</summary>
    Space = 128,

    /// <summary>Carriage return or line feed.</summary>
    LineBreak = 256,

    /// <summary>None of the others: control, format, private and unassigned characters.</summary>
    Rest = 512,

    /// <summary>Unicode category L.</summary>
    Letter = Upper | Lower | Caseless,

    /// <summary>Neither white space, letter nor number.</summary>
    Other = Mark | Punctuation | Symbol | Rest,

    /// <summary>White space, line breaks included.</summary>
    WhiteSpace = Space | LineBreak,
}

/// <summary>Walks text by code points and their classes.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Latin = [.. Enumerable.Range(0, 256).Select(value => Classify(new Rune(value)))];

    /// <summary>The class of the code point at <paramref name="position"/> and its length in UTF-16 units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterClass At(ReadOnlySpan<char> text, int position, out int length)
    {
        var c = text[position];
        if (c < 256)
        {
            length = 1;
            return Latin[c];
        }

        return Rare(text, position, out length);
    }

    /// <summary>The class of the code point at the place, none at the end.</summary>
    public static CharacterClass Find(ReadOnlySpan<char> text, int position) =>
        position < text.Length ? At(text, position, out _) : CharacterClass.None;

    /// <summary>Whether a code point of one of the classes stands at the place.</summary>
    public static bool Is(ReadOnlySpan<char> text, int position, CharacterClass wanted) => (Find(text, position) & wanted) != 0;

    /// <summary>The end of the run of code points of the classes <paramref name="wanted"/> that starts at <paramref name="position"/>.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int position, CharacterClass wanted)
    {
        while (position < text.Length && (At(text, position, out var length) & wanted) != 0)
        {
            position += length;
        }

        return position;
    }

    /// <summary>The end of the run of white space, line breaks included, that starts at <paramref name="position"/>.</summary>
    public static int EndOfWhiteSpace(ReadOnlySpan<char> text, int position)
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
        {
            position++;
        }

        return position;
    }

    /// <summary>The class of a code point.</summary>
    public static CharacterClass Classify(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune))
        {
            return rune.Value is '\r' or '\n' ? CharacterClass.LineBreak : CharacterClass.Space;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Upper,
            UnicodeCategory.LowercaseLetter => CharacterClass.Lower,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Caseless,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Mark,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterClass.Punctuation,
            >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol => CharacterClass.Symbol,
            _ => CharacterClass.Rest,
        };
    }

    private static CharacterClass Rare(ReadOnlySpan<char> text, int position, out int length)
    {
        _ = Rune.DecodeFromUtf16(text[position..], out var rune, out length);
        return Classify(rune);
    }
}
