using Rubato.Core;

namespace Rubato.Models.Chat;

/// <summary>
/// Private-use characters that stand, while a template renders, for the characters with which control tokens begin. They are chosen
/// anew for each conversation among those that it does not hold, so putting the characters back is exact.
/// </summary>
internal sealed class StandIns
{
    private const char First = '\uE000';
    private const char Last = '\uF8FF';

    private readonly string _openings;
    private readonly string _standIns;

    private StandIns(string openings, string standIns) => (_openings, _standIns) = (openings, standIns);

    /// <summary>For conversations that hold no opening.</summary>
    public static StandIns None { get; } = new("", "");

    /// <exception cref="InvalidFormatException">The conversation leaves too few private-use characters.</exception>
    public static StandIns For(string openings, IEnumerable<string> texts)
    {
        var taken = new HashSet<char>(openings);
        foreach (var text in texts)
        {
            taken.UnionWith(text.Where(unit => unit is >= First and <= Last));
        }

        var free = Enumerable.Range(First, Last - First + 1).Select(unit => (char)unit).Where(unit => !taken.Contains(unit));
        var chosen = new string([.. free.Take(openings.Length)]);
        return chosen.Length == openings.Length
            ? new(openings, chosen)
            : throw new InvalidFormatException("The conversation holds nearly all private-use characters (U+E000 to U+F8FF); leave some out.");
    }

    /// <summary>Puts a stand-in at the place if an opening is there.</summary>
    public void Hide(Span<char> text, int place)
    {
        if (_openings.IndexOf(text[place]) is >= 0 and var index)
        {
            text[place] = _standIns[index];
        }
    }

    /// <summary>The text with the openings put back.</summary>
    public string Restore(string text)
    {
        for (var i = 0; i < _standIns.Length; i++)
        {
            text = text.Replace(_standIns[i], _openings[i]);
        }

        return text;
    }
}
