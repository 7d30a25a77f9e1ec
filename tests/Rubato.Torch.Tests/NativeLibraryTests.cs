using System.Reflection;
using System.Text;

namespace Rubato.Torch.Tests;

/// <summary>The build makes TorchSharp's native library loadable on older systems, and leaves the package cache as it is.</summary>
public sealed class NativeLibraryTests
{
    private const string FileName = "libLibTorchSharp.so";

    [Fact]
    public void Libtorch_multiplies()
    {
        using var ones = TorchSharp.torch.ones(3, 4);
        using var product = ones.mm(ones.t());
        Assert.Equal(Enumerable.Repeat(4f, 9), product.data<float>().ToArray());
    }

    [Fact]
    public void The_copy_differs_from_the_package_in_the_weak_flag_alone_and_only_where_the_system_needs_it()
    {
        var copy = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, FileName));
        var original = File.ReadAllBytes(OriginalPath());
        Assert.Equal(original.Length, copy.Length);
        var changed = Enumerable.Range(0, copy.Length).Where(i => copy[i] != original[i]).ToList();
        if (SystemHasVersion())
        {
            Assert.Empty(changed);
        }
        else
        {
            var at = Assert.Single(changed);
            Assert.Equal((0, 2), (original[at] & 2, copy[at] & 2));
            Assert.Equal(original[at] | 2, copy[at]);
        }
    }

    [Fact]
    public void Only_files_for_this_platform_are_in_the_output() =>
        Assert.DoesNotContain(
            Directory.EnumerateFiles(AppContext.BaseDirectory, "*TorchSharp*").Select(Path.GetFileName),
            name => name!.EndsWith(".dylib", StringComparison.Ordinal) || name == "LibTorchSharp.dll");

    private static string OriginalPath()
    {
        var package = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "TorchSharpPackage").Value!;
        var version = typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(3);
        return Path.Combine(package, version, "runtimes", "linux-x64", "native", FileName);
    }

    private static bool SystemHasVersion()
    {
        string[] folders = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];
        var library = folders.Select(folder => Path.Combine(folder, "libstdc++.so.6")).First(File.Exists);
        return File.ReadAllBytes(library).AsSpan().IndexOf(Encoding.ASCII.GetBytes("\0GLIBCXX_3.4.32\0")) >= 0;
    }
}
