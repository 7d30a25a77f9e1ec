using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Rubato.Models.Tokenizers;

/// <summary>The classes of characters that the published pre-tokenizer expressions distinguish.</summary>
internal enum CharacterClass
{
    /// <summary>Neither of the others: punctuation, symbols, marks, control characters, lone surrogates.</summary>
    Other,

    /// <summary>Unicode category L.</summary>
    Letter,

    /// <summary>Unicode category N.</summary>
    Number,

    /// <summary>White space other than line breaks.</summary>
    Space,

    /// <summary>Carriage return or line feed.</summary>
    LineBreak,
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

    /// <summary>The end of the run of code points of class <paramref name="wanted"/> that starts at <paramref name="position"/>.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int position, CharacterClass wanted)
    {
        while (position < text.Length && At(text, position, out var length) == wanted)
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
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            _ => CharacterClass.Other,
        };
    }

    private static CharacterClass Rare(ReadOnlySpan<char> text, int position, out int length)
    {
        _ = Rune.DecodeFromUtf16(text[position..], out var rune, out length);
        return Classify(rune);
    }
}
