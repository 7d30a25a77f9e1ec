namespace Rubato.Models.Grammars.Masks;

/// <summary>How far a text is inside a UTF-8 character: how many bytes it lacks, and what the next may be (Unicode, table 3-7).</summary>
internal readonly record struct Utf8Progress(byte Missing, byte Low, byte High)
{
    /// <summary>All forms of one character of several bytes, byte range by byte range.</summary>
    public static (byte Low, byte High)[][] LongForms { get; } =
    [
        [(0xC2, 0xDF), (0x80, 0xBF)],
        [(0xE0, 0xE0), (0xA0, 0xBF), (0x80, 0xBF)],
        [(0xE1, 0xEC), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xED, 0xED), (0x80, 0x9F), (0x80, 0xBF)],
        [(0xEE, 0xEF), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xF0, 0xF0), (0x90, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xF1, 0xF3), (0x80, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xF4, 0xF4), (0x80, 0x8F), (0x80, 0xBF), (0x80, 0xBF)],
    ];

    /// <summary>Between two characters.</summary>
    public static Utf8Progress Between => default;

    public bool IsBetween => Missing == 0;

    /// <summary>Takes in a byte; false when no character has it here.</summary>
    public bool TryRead(byte unit, out Utf8Progress next)
    {
        next = Between;
        if (!IsBetween)
        {
            next = Missing == 1 ? Between : new((byte)(Missing - 1), 0x80, 0xBF);
            return unit >= Low && unit <= High;
        }

        if (unit < 0x80)
        {
            return true;
        }

        foreach (var form in LongForms)
        {
            if (unit >= form[0].Low && unit <= form[0].High)
            {
                next = new((byte)(form.Length - 1), form[1].Low, form[1].High);
                return true;
            }
        }

        return false;
    }
}
