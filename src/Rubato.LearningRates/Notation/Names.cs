namespace Rubato.LearningRates.Notation;

/// <summary>Suggestions for names that nobody knows.</summary>
internal static class Names
{
    public static string List(IReadOnlyCollection<string> names) => names.Count == 0 ? "nothing in brackets" : string.Join(", ", names);

    /// <summary>" Did you mean 'x'?" when one of the names is close, else nothing.</summary>
    public static string Nearest(string written, IEnumerable<string> names)
    {
        if (written.Length > 40)
        {
            return "";
        }

        var nearest = names.MinBy(name => Distance(written, name));
        return nearest is not null && Distance(written, nearest) <= Math.Max(1, written.Length / 3) ? $" Did you mean '{nearest}'?" : "";
    }

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (char.ToLowerInvariant(a[i - 1]) == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
