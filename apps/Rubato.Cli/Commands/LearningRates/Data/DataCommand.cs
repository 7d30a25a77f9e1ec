using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Models.DataSets;

namespace Rubato.Cli.Commands.LearningRates.Data;

/// <summary><c>rubato lr data</c>: the data sets of the comparisons.</summary>
internal static class DataCommand
{
    /// <summary>Names that stand for all sets that a suite needs.</summary>
    private static readonly Dictionary<string, string[]> Groups = new()
    {
        ["convex"] = ["iris", "wine", "glass", "vehicle", "vowel"],
        ["fashion"] = [DataSetCatalog.FashionMnist],
        ["all"] = [.. DataSetCatalog.All.Select(set => set.Name)],
    };

    public static VerbCommand Create() => new(
        "data",
        "List and fetch the data sets that comparisons train on.",
        "rubato lr data list",
        "rubato lr data get convex")
    { CreateList(), CreateGet() };

    private static VerbCommand CreateList()
    {
        var command = new VerbCommand("list", "Name every data set, where it comes from and whether it is here.", "rubato lr data list", "rubato lr data list --json");
        command.SetAction(parsed =>
        {
            var folder = new DataSetFolder();
            DataRow[] rows = [.. DataSetCatalog.All.Select(set => new DataRow(set.Name, set.Contents, set.Package.Name, set.Package.Licence, folder.Has(set)))];
            ResultOutput.Write(parsed, new DataList(folder.Root, rows), output => Print(output, folder, rows));
            return ExitCode.Done;
        });
        return command;
    }

    private static VerbCommand CreateGet()
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "Data sets, or convex or fashion for all that the suite needs, or all.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new VerbCommand(
            "get",
            "Fetch data sets from Debian packages into the user's cache; nothing is installed. Says first what it fetches.",
            "rubato lr data get convex",
            "rubato lr data get fashion-mnist")
        { names };
        command.SetAction(parsed =>
        {
            var folder = new DataSetFolder();
            DataSetInfo[] sets = [.. parsed.GetRequiredValue(names).SelectMany(name => Groups.GetValueOrDefault(name, [name])).Distinct().Select(DataSetCatalog.Get)];
            DataPackage[] missing = [.. sets.Where(set => !folder.Has(set)).Select(set => set.Package).Distinct()];
            foreach (var package in missing)
            {
                Console.Error.WriteLine($"fetches the package {package.Name} (about {package.Megabytes:0.#} MB, {package.Licence}) into {Path.Combine(folder.Root, package.Name)}");
            }

            foreach (var package in missing)
            {
                new PackageFetcher(folder).Fetch(package, [.. sets.Where(set => set.Package == package)]);
            }

            DataRow[] rows = [.. sets.Select(set => new DataRow(set.Name, set.Contents, set.Package.Name, set.Package.Licence, folder.Has(set)))];
            ResultOutput.Write(parsed, new DataList(folder.Root, rows), output => Print(output, folder, rows));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, DataSetFolder folder, DataRow[] rows)
    {
        output.WriteLine($"{"name",-14} {"here",-5} {"package",-22} {"licence",-13} contents");
        foreach (var row in rows)
        {
            output.WriteLine($"{row.Name,-14} {(row.Here ? "yes" : "no"),-5} {row.Package,-22} {row.Licence,-13} {row.Contents}");
        }

        output.WriteLine();
        output.WriteLine($"kept in {folder.Root}");
    }

    /// <summary>What --json prints.</summary>
    private sealed record DataList(string Folder, IReadOnlyList<DataRow> DataSets);

    /// <summary>One data set.</summary>
    private sealed record DataRow(string Name, string Contents, string Package, string Licence, bool Here);
}
