using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Inference.Packing;

namespace Rubato.Cli.Commands;

/// <summary><c>rubato cache</c>: the packed weights that are kept between starts.</summary>
internal static class CacheCommand
{
    public static VerbCommand Create()
    {
        var command = new VerbCommand(
            "cache",
            "Show or remove the packed weights that are kept between starts. They can be made again from the models at any time.",
            "rubato cache list",
            "rubato cache clear --unused-days 7");
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateClear());
        command.SetAction(parsed => Show(parsed));
        return command;
    }

    private static VerbCommand CreateList()
    {
        var command = new VerbCommand("list", "List the files, the one used last first.", "rubato cache list", "rubato cache list --json");
        command.SetAction(parsed => Show(parsed));
        return command;
    }

    private static VerbCommand CreateClear()
    {
        var unused = new Option<int?>("--unused-days")
        {
            Description = $"Only files that were not used for N days. Without it, all. (Those not used for {PackedWeightsCache.UnusedMax.TotalDays:F0} days go by themselves when a new one is made.)",
            HelpName = "N",
        };
        var command = new VerbCommand("clear", "Remove files. Programs that use them now keep them until they end.", "rubato cache clear", "rubato cache clear --unused-days 7") { unused };
        command.SetAction(parsed =>
        {
            var days = parsed.GetValue(unused) ?? 0;
            if (days is < 0 or > 36_500)
            {
                throw new InvalidOptionException($"--unused-days {days}: a number of 0 … 36500 is needed.");
            }

            var cache = new PackedWeightsCache();
            var removed = cache.Remove(TimeSpan.FromDays(days));
            ResultOutput.Write(parsed, new CacheResult(cache.Folder, removed.Sum(file => file.Bytes), removed), output =>
                output.WriteLine($"removed {Count(removed)} from {cache.Folder}"));
            return ExitCode.Done;
        });
        return command;
    }

    private static int Show(ParseResult parsed)
    {
        var cache = new PackedWeightsCache();
        var files = cache.List();
        ResultOutput.Write(parsed, new CacheResult(cache.Folder, files.Sum(file => file.Bytes), files), output =>
        {
            foreach (var file in files)
            {
                output.WriteLine($"{file.Bytes,16:N0}  {file.LastUsed.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}  {Path.GetFileName(file.Path)}");
            }

            output.WriteLine($"{Count(files)} in {cache.Folder}");
        });
        return ExitCode.Done;
    }

    private static string Count(ImmutableArray<PackedWeightsFile> files) =>
        $"{files.Length} {(files.Length == 1 ? "file" : "files")}, {files.Sum(file => file.Bytes):N0} bytes,";

    /// <summary>What --json prints.</summary>
    private sealed record CacheResult(string Folder, long Bytes, ImmutableArray<PackedWeightsFile> Files);
}
