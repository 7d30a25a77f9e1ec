using System.Xml.Linq;

namespace Rubato.Architecture.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyDictionary<string, XDocument> Projects { get; } =
        new[] { "src", "apps", "tests", "bench", "samples" }
            .Select(folder => Path.Combine(Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories))
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), XDocument.Load);

    public static IEnumerable<string> SourceFiles(params string[] folders) =>
        folders.Select(folder => Path.Combine(Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/"));

    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    public static IEnumerable<string> References(this XDocument project) =>
        project.Descendants("ProjectReference").Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value));

    public static IEnumerable<string> Packages(this XDocument project) =>
        project.Descendants("PackageReference").Select(item => item.Attribute("Include")!.Value);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Rubato.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Rubato.slnx is in no folder above the test program.");
    }
}
