namespace Rubato.Models.Corpora;

/// <summary>Readable names for documentation ids such as <c>M:System.String.Join(System.String,System.String[])</c>.</summary>
internal static class MemberName
{
    /// <summary>The name with its namespace and without parameters: "System.String.Join".</summary>
    public static string Full(string id)
    {
        var (_, path) = Parse(id);
        return Readable(path, path.Length);
    }

    /// <summary>The name as prose uses it: the type alone, or type and member: "String.Join".</summary>
    public static string Short(string id)
    {
        var (kind, path) = Parse(id);
        return Readable(path, kind is 'T' or '!' ? 1 : kind == 'N' ? path.Length : 2);
    }

    private static (char Kind, string[] Path) Parse(string id)
    {
        var colon = id.IndexOf(':', StringComparison.Ordinal);
        var kind = colon == 1 ? id[0] : colon > 1 ? 'M' : 'T';
        var name = id[(colon + 1)..];
        var parameters = name.IndexOf('(', StringComparison.Ordinal);
        name = parameters >= 0 ? name[..parameters] : name;
        return (kind, WithoutTypeArguments(name).Split('.', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string WithoutTypeArguments(string name)
    {
        var kept = new System.Text.StringBuilder(name.Length);
        var depth = 0;
        var inArity = false;
        foreach (var c in name)
        {
            depth += c is '{' or '<' ? 1 : 0;
            inArity = c == '`' || (inArity && char.IsDigit(c));
            if (depth == 0 && !inArity && c != '~')
            {
                kept.Append(c);
            }

            depth -= c is '}' or '>' && depth > 0 ? 1 : 0;
        }

        return kept.ToString();
    }

    private static string Readable(string[] path, int parts)
    {
        var tail = path.AsSpan(Math.Max(0, path.Length - parts)).ToArray();
        if (tail.Length == 0)
        {
            return "";
        }

        var last = tail[^1];
        if (last is "#ctor" or "#cctor")
        {
            return $"{string.Join('.', tail[..^1])} constructor";
        }

        last = last[(last.LastIndexOf('#') + 1)..];
        tail[^1] = last.StartsWith("op_", StringComparison.Ordinal) ? last[3..] : last;
        return string.Join('.', tail);
    }
}
