namespace Rubato.Models.Corpora;

/// <summary>Finds the XML documentation files in the reference packs of the installed .NET SDK.</summary>
internal static class ReferencePacks
{
    private static readonly string[] PackNames = ["Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref"];

    /// <summary>The folders that may hold an installation of .NET, best first.</summary>
    public static IEnumerable<string> CandidateRoots()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable("DOTNET_ROOT"),
            RootOfRunningRuntime(),
            RootOfCommandOnPath(),
            "/usr/share/dotnet",
            "/usr/lib/dotnet",
            "/usr/local/share/dotnet",
            home.Length > 0 ? Path.Combine(home, ".dotnet") : null,
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet"),
        ];
        return candidates
            .Where(path => !string.IsNullOrEmpty(path) && Directory.Exists(path))
            .Select(path => Path.GetFullPath(path!))
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>
    /// The documentation files of the newest packs under <paramref name="root"/>, in the order of packs and then of names; empty when
    /// the folder holds none. A file that both packs hold (same name and length) is listed once.
    /// </summary>
    public static IReadOnlyList<string> DocumentationFiles(string root)
    {
        var files = new List<string>();
        var seen = new HashSet<(string Name, long Length)>();
        foreach (var pack in PackNames)
        {
            var folder = Path.Combine(root, "packs", pack);
            if (Directory.Exists(folder) && NewestVersion(folder) is { } version)
            {
                files.AddRange(Directory.EnumerateFiles(version, "*.xml", SearchOption.AllDirectories)
                    .Where(file => Path.GetFileName(file) is not "FrameworkList.xml" and not "PackageOverrides.xml")
                    .Order(StringComparer.Ordinal)
                    .Where(file => seen.Add((Path.GetFileName(file), new FileInfo(file).Length))));
            }
        }

        return files;
    }

    private static string? NewestVersion(string folder) => Directory.EnumerateDirectories(folder)
        .OrderByDescending(path => VersionOf(Path.GetFileName(path)))
        .ThenByDescending(path => path, StringComparer.Ordinal)
        .FirstOrDefault();

    private static Version VersionOf(string name)
    {
        var release = name.Split('-')[0];
        return Version.TryParse(release, out var version) ? version : new Version(0, 0);
    }

    private static string? RootOfRunningRuntime()
    {
        var runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        return Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
    }

    private static string? RootOfCommandOnPath()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            var command = new FileInfo(Path.Combine(folder.Length > 0 ? folder : ".", name));
            if (command.Exists)
            {
                return (command.ResolveLinkTarget(returnFinalTarget: true) ?? command).FullName is { } target ? Path.GetDirectoryName(target) : null;
            }
        }

        return null;
    }
}
