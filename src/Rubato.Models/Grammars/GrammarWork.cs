using Rubato.Core;

namespace Rubato.Models.Grammars;

/// <summary>
/// Counts what the schemas of one request cost, in units that are the same on every machine: a unit is a small, bounded piece of work and of
/// memory. Not thread-safe.
/// </summary>
internal sealed class GrammarWork(GrammarLimits limits)
{
    /// <summary>Units spent on reading schemas.</summary>
    public long SchemaUnits { get; private set; }

    /// <summary>Units spent on writing nodes.</summary>
    public long NodeUnits { get; private set; }

    /// <exception cref="SchemaException">The schemas cost too much.</exception>
    public void SpendOnSchema(long units, string path)
    {
        if (units > limits.SchemaUnits - SchemaUnits)
        {
            throw new SchemaException(
                path, $"'{Shown(path)}': the schema comes to more than {limits.SchemaUnits} units of work; make it smaller, or refer to fewer parts from fewer places.");
        }

        SchemaUnits += units;
    }

    /// <exception cref="InvalidFormatException">The grammar costs too much.</exception>
    public void SpendOnNodes(long units)
    {
        if (units > limits.NodeUnits - NodeUnits)
        {
            throw new InvalidFormatException($"The schema is too large: its states come to more than {limits.NodeUnits} units of work. Leave parts of it out, or split it.");
        }

        NodeUnits += units;
    }

    private static string Shown(string path) => path.Length <= 200 ? path : path[..200] + "...";
}
