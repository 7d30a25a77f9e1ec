using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Serving.Memory.Arenas;
using Rubato.Simulation.Serving.Granularity;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato sim granularity</c>: how many blocks one copy moves when contexts are switched, by allocator.</summary>
internal static class SimGranularityCommand
{
    public static VerbCommand Create()
    {
        var groups = new Option<string?>("--groups") { Description = "Only block groups of these sizes, instead of the comparison: the first group of a context, and its growth.", HelpName = "INITIAL/GROWTH" };
        var command = new VerbCommand(
            "granularity",
            "How many KV blocks one copy moves when contexts are switched, for several block allocators and fillings of memory.",
            "rubato sim granularity",
            "rubato sim granularity --groups 32/8 --json")
        { groups };
        command.SetAction(parsed =>
        {
            var seed = parsed.GetValue(GlobalOptions.Seed);
            var table = parsed.GetValue(groups) is { } sizes ? GranularityTable.Of(GroupSizes.Parse(sizes), seed) : GranularityTable.Compare(seed);
            ResultOutput.Write(parsed, table, output => Print(output, table));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, GranularityTable table)
    {
        output.WriteLine($"{"blocks per copy when the device is filled to",-44}{string.Concat(table.Occupancies.Select(occupancy => $"{occupancy,8:F2}"))}");
        foreach (var row in table.Rows)
        {
            output.WriteLine($"{row.Name,-44}{string.Concat(row.MeanRunBlocks.Select(blocks => $"{blocks,8:F1}"))}");
        }
    }
}
