using System.Text.RegularExpressions;

namespace Rubato.Architecture.Tests;

/// <summary>Rules that a compiler does not check.</summary>
public sealed partial class SourceRulesTests
{
    [Fact]
    public void UnsafeCode_LivesInKernelsAndNativeFilesOnly()
    {
        var offenders = Repository.SourceFiles("src", "apps")
            .Where(file => UnsafeKeyword().IsMatch(File.ReadAllText(file)))
            .Select(Repository.Relative)
            .Where(file => !file.StartsWith("src/Rubato.Kernels/", StringComparison.Ordinal))
            .Where(file => !(file.StartsWith("src/Rubato.Hosting", StringComparison.Ordinal) && Path.GetFileName(file).StartsWith("Native", StringComparison.Ordinal)));
        Assert.Empty(offenders);
    }

    [Fact]
    public void NativeCalls_LiveInKernelsAndInFilesNamedNative()
    {
        var callers = Repository.SourceFiles("src", "apps").Where(file => NativeCall().IsMatch(File.ReadAllText(file))).Select(Repository.Relative).ToArray();
        Assert.NotEmpty(callers);
        Assert.All(callers, file => Assert.Matches("^src/Rubato\\.(Kernels/|(Hosting[.\\w]*|Torch)/(.*/)?Native\\w*\\.cs$)", file));
    }

    [Fact]
    public void TorchTypes_AppearInRubatoTorchOnly()
    {
        var offenders = Repository.SourceFiles("src", "apps")
            .Where(file => File.ReadAllText(file).Contains("using " + "TorchSharp", StringComparison.Ordinal))
            .Select(Repository.Relative)
            .Where(file => !file.StartsWith("src/Rubato.Torch/", StringComparison.Ordinal));
        Assert.Empty(offenders);
    }

    [Fact]
    public void Sources_HoldNoLeftoverMarkersTabsOrTrailingSpace()
    {
        var offenders = Repository.SourceFiles("src", "apps", "tests", "bench", "samples")
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (file, line, number: index + 1)))
            .Where(entry => Marker().IsMatch(entry.line) || entry.line.Contains('\t') || entry.line.EndsWith(' '))
            .Select(entry => $"{Repository.Relative(entry.file)}:{entry.number}: {entry.line.Trim()}");
        Assert.Empty(offenders);
    }

    [Fact]
    public void Tests_NeitherSleepNorSkip()
    {
        var offenders = Repository.SourceFiles("tests")
            .SelectMany(file => File.ReadLines(file).Select((line, index) => (file, line, number: index + 1)))
            .Where(entry => SleepOrSkip().IsMatch(entry.line))
            .Select(entry => $"{Repository.Relative(entry.file)}:{entry.number}: {entry.line.Trim()}");
        Assert.Empty(offenders);
    }

    [GeneratedRegex(@"^(?!\s*//).*\bunsafe\b", RegexOptions.Multiline)]
    private static partial Regex UnsafeKeyword();

    [GeneratedRegex(@"\[(DllImport|LibraryImport)\(")]
    private static partial Regex NativeCall();

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK)\b|\bXX" + @"X\b|NotImplemented" + @"Exception")]
    private static partial Regex Marker();

    [GeneratedRegex(@"Thread\.Sl" + @"eep|Task\.Del" + @"ay\([0-9]|Sk" + @"ip\s*=\s*""|Assert\.Sk" + @"ip")]
    private static partial Regex SleepOrSkip();
}
