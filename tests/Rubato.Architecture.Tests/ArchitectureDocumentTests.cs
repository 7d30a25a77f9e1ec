using System.Text.RegularExpressions;

namespace Rubato.Architecture.Tests;

/// <summary>ARCHITECTURE.md, README.md and CONTRIBUTING.md name only types and paths that exist.</summary>
public sealed partial class ArchitectureDocumentTests
{
    /// <summary>Types of other people's that the document may name.</summary>
    private static readonly string[] ForeignTypes = ["IChatClient"];

    [Fact]
    public void TypesAndPathsInArchitecture_Exist()
    {
        var names = Codes("ARCHITECTURE.md").ToArray();
        var types = DeclaredTypes();
        var missing = names
            .Where(name => IsPath(name) ? !Exists(name) : IsTypeName(name) && !IsDeclared(name, types))
            .Distinct();
        Assert.Empty(missing);
        Assert.True(names.Count(IsPath) >= 5 && names.Count(IsTypeName) >= 20, "ARCHITECTURE.md names too little for this test to mean anything");
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("models/README.md")]
    public void RelativeLinks_LeadSomewhere(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        var links = Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, document)))
            .Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal));
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(folder, link)), $"{document} links to {link}, which does not exist"));
    }

    private static IEnumerable<string> Codes(string document) =>
        InlineCode().Matches(Fence().Replace(File.ReadAllText(Path.Combine(Repository.Root, document)), "")).Select(match => match.Groups[1].Value);

    private static bool IsPath(string code) => PathShape().IsMatch(code);

    private static bool Exists(string code) => Path.Exists(Path.Combine(Repository.Root, code.TrimEnd('/')));

    private static bool IsTypeName(string code) => TypeShape().IsMatch(code) && !code.StartsWith("Rubato.", StringComparison.Ordinal);

    /// <summary>Whether the type is declared, and the member, if the name has one, stands in a file that declares the type.</summary>
    private static bool IsDeclared(string name, ILookup<string, string> types)
    {
        var parts = name.Split('<')[0].Split('.');
        return ForeignTypes.Contains(parts[0])
            || (parts.Length == 1 ? types.Contains(parts[0]) : types[parts[0]].Any(source => Regex.IsMatch(source, $@"\b{parts[1]}\b")));
    }

    /// <summary>From the name of a type to the text of the files that declare it.</summary>
    private static ILookup<string, string> DeclaredTypes() =>
        Repository.SourceFiles("src", "apps", "tests")
            .Select(File.ReadAllText)
            .SelectMany(source => TypeDeclaration().Matches(source).Select(match => (match.Groups[1].Value, source)))
            .ToLookup(entry => entry.Value, entry => entry.source);

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex InlineCode();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^(\./)?([\w.\-]+/)+[\w.\-]*$|^[\w\-]+\.(md|props|targets|json|slnx|gguf)$")]
    private static partial Regex PathShape();

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]+(\.[A-Z][A-Za-z0-9]+)*(<.*>)?$")]
    private static partial Regex TypeShape();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record|delegate\s+\w+)\s+(?:struct\s+|class\s+)?([A-Z]\w*)")]
    private static partial Regex TypeDeclaration();
}
