namespace Rubato.Architecture.Tests;

/// <summary>The project graph: who may reference whom, and what each kind of project may drag in.</summary>
public sealed class ProjectGraphTests
{
    private static readonly string[] Pure = ["Rubato.LearningRates", "Rubato.Experts", "Rubato.Serving", "Rubato.Soc", "Rubato.Wireless"];

    /// <summary>Every project that may exist, with all that it may reference.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Rubato.Core"] = [],
        ["Rubato.LearningRates"] = ["Rubato.Core"],
        ["Rubato.Experts"] = ["Rubato.Core"],
        ["Rubato.Serving"] = ["Rubato.Core"],
        ["Rubato.Soc"] = ["Rubato.Core"],
        ["Rubato.Wireless"] = ["Rubato.Core"],
        ["Rubato.Soc.Exact"] = ["Rubato.Soc"],
        ["Rubato.Kernels"] = ["Rubato.Core"],
        ["Rubato.Models"] = ["Rubato.Kernels"],
        ["Rubato.Quantization"] = ["Rubato.Models"],
        ["Rubato.Inference"] = ["Rubato.Serving", "Rubato.Models"],
        ["Rubato.Torch"] = [.. Pure, "Rubato.Quantization", "Rubato.Models"],
        ["Rubato.Simulation"] = [.. Pure],
        ["Rubato.Hosting"] = ["Rubato.Serving", "Rubato.Wireless", "Rubato.Inference"],
        ["Rubato.Hosting.Cluster"] = ["Rubato.Hosting"],
        ["Rubato.Hosting.Mpi"] = ["Rubato.Experts"],
        ["Rubato.Dashboard"] = ["Rubato.Core", "Rubato.LearningRates"],
        ["Rubato.Cli"] =
        [
            "Rubato.Core", .. Pure, "Rubato.Soc.Exact", "Rubato.Kernels", "Rubato.Models", "Rubato.Quantization", "Rubato.Inference",
            "Rubato.Simulation", "Rubato.Hosting", "Rubato.Hosting.Cluster", "Rubato.Dashboard",
        ],
        ["Rubato.Cli.Training"] =
        [
            "Rubato.Core", .. Pure, "Rubato.Soc.Exact", "Rubato.Kernels", "Rubato.Models", "Rubato.Quantization", "Rubato.Inference",
            "Rubato.Torch", "Rubato.Simulation", "Rubato.Hosting", "Rubato.Hosting.Mpi", "Rubato.Dashboard",
        ],
    };

    [Fact]
    public void Projects_ReferenceOnlyWhatTheGraphAllows()
    {
        var checkedProjects = 0;
        foreach (var (name, project) in Repository.Projects.Where(entry => !IsSatellite(entry.Key)))
        {
            Assert.True(Allowed.ContainsKey(name), $"{name} is not in the project graph; add it there with what it may reference");
            var forbidden = project.References().Except(Allowed[name]).ToArray();
            Assert.True(forbidden.Length == 0, $"{name} must not reference {string.Join(", ", forbidden)}");
            checkedProjects++;
        }

        Assert.True(checkedProjects >= 10, $"only {checkedProjects} projects found: the test looks in the wrong place");
    }

    [Fact]
    public void PureProjects_HaveNoPackageAndAreMarkedPure()
    {
        foreach (var name in Pure.Append("Rubato.Core").Where(Repository.Projects.ContainsKey))
        {
            Assert.Empty(Repository.Projects[name].Packages());
            Assert.Equal("Pure", Repository.Projects[name].Descendants("RubatoKind").Single().Value);
        }
    }

    [Fact]
    public void SimulationAndHosting_NeverSeeEachOther()
    {
        Assert.DoesNotContain("Rubato.Hosting", Closure("Rubato.Simulation"));
        Assert.DoesNotContain("Rubato.Simulation", Closure("Rubato.Hosting"));
    }

    [Fact]
    public void NativeTorch_IsReferencedByTheTrainingProgramAndItsTestsOnly()
    {
        var owners = Repository.Projects.Where(entry => entry.Value.Packages().Any(package => package.StartsWith("libtorch", StringComparison.Ordinal)));
        Assert.Equal(["Rubato.Cli.Training", "Rubato.Torch.Tests"], owners.Select(entry => entry.Key).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Rubato.Torch", Closure("Rubato.Cli"));
    }

    [Fact]
    public void EverySourceProject_HasItsTestProject()
    {
        var sources = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder)!);
        Assert.All(sources, name => Assert.True(Repository.Projects.ContainsKey(name + ".Tests"), $"tests/{name}.Tests is missing"));
    }

    [Fact]
    public void EveryProject_HasRealTypes() =>
        Assert.All(
            Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")),
            folder => Assert.NotEmpty(Repository.SourceFiles(Repository.Relative(folder))));

    private static bool IsSatellite(string name) =>
        name.EndsWith(".Tests", StringComparison.Ordinal) || name.StartsWith("Rubato.Bench", StringComparison.Ordinal)
        || name.StartsWith("Rubato.Samples", StringComparison.Ordinal);

    private static HashSet<string> Closure(string name)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>([name]);
        while (open.TryPop(out var current))
        {
            foreach (var reference in Repository.Projects[current].References().Where(seen.Add))
            {
                open.Push(reference);
            }
        }

        return seen;
    }
}
