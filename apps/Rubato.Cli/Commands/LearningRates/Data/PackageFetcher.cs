using Rubato.Core;
using Rubato.Models.DataSets;

namespace Rubato.Cli.Commands.LearningRates.Data;

/// <summary>Fetches a Debian package with apt-get and unpacks its data sets into the cache, without installing anything.</summary>
/// <remarks>Works in a temporary folder beside the target and renames it: a package folder under its final name is whole.</remarks>
internal sealed class PackageFetcher(DataSetFolder folder)
{
    /// <summary>Fetches <paramref name="package"/>.</summary>
    /// <param name="package">The package.</param>
    /// <param name="wanted">The data sets of it that must be there afterwards.</param>
    /// <exception cref="RubatoException">apt-get or dpkg-deb is missing, the download fails, or the package holds other files than expected.</exception>
    public void Fetch(DataPackage package, IReadOnlyList<DataSetInfo> wanted)
    {
        var work = Path.Combine(folder.Root, $".{package.Name}.{Environment.ProcessId}.tmp");
        try
        {
            RemoveLeftovers(package);
            _ = Directory.CreateDirectory(work);
            Download(package, work);
            Unpack(package, wanted, work);
            Publish(package, work);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{folder.Root}: cannot be written: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private static void Download(DataPackage package, string work)
    {
        // As root, apt would hand the download to a user that may not write here.
        string[] words = Environment.IsPrivilegedProcess
            ? ["download", "-q", "-o", "APT::Sandbox::User=root", package.Name]
            : ["download", "-q", package.Name];
        var first = SystemProgram.Run("apt-get", words, work);
        if (first.ExitCode != 0 && Environment.IsPrivilegedProcess)
        {
            _ = SystemProgram.Run("apt-get", ["update", "-qq"], work);
            first = SystemProgram.Run("apt-get", words, work);
        }

        if (first.ExitCode != 0)
        {
            var hint = Environment.IsPrivilegedProcess ? "Check the network and /etc/apt." : "If the package lists are missing, 'apt-get update' as root brings them.";
            throw new RubatoException($"The package {package.Name} cannot be fetched: {first.LastLine} {hint}");
        }
    }

    private static void Unpack(DataPackage package, IReadOnlyList<DataSetInfo> wanted, string work)
    {
        var archive = Directory.EnumerateFiles(work, "*.deb").SingleOrDefault()
            ?? throw new RubatoException($"The package {package.Name} cannot be fetched: apt-get left no file.");
        var all = Path.Combine(work, "all");
        var unpacked = SystemProgram.Run("dpkg-deb", ["-x", archive, all], work);
        if (unpacked.ExitCode != 0)
        {
            throw new RubatoException($"The package {package.Name} cannot be unpacked: {unpacked.LastLine}");
        }

        var data = Directory.CreateDirectory(Path.Combine(work, "data")).FullName;
        foreach (var file in DataSetCatalog.All.Where(set => set.Package == package).SelectMany(set => set.Files))
        {
            var source = Path.Combine(all, package.Folder, file);
            if (File.Exists(source))
            {
                File.Move(source, Path.Combine(data, file));
            }
        }

        if (wanted.SelectMany(set => set.Files).FirstOrDefault(file => !File.Exists(Path.Combine(data, file))) is { } missing)
        {
            throw new RubatoException($"The package {package.Name} of this system holds no {package.Folder}/{missing}.");
        }

        var copyright = Path.Combine(all, "usr", "share", "doc", package.Name, "copyright");
        if (File.Exists(copyright))
        {
            File.Move(copyright, Path.Combine(data, "copyright"));
        }
    }

    /// <summary>A process that was killed leaves its temporary folder; its number in the name says whose it is.</summary>
    private void RemoveLeftovers(DataPackage package)
    {
        if (!Directory.Exists(folder.Root))
        {
            return;
        }

        var prefix = $".{package.Name}.";
        foreach (var left in Directory.EnumerateDirectories(folder.Root, $"{prefix}*.tmp"))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(left)[prefix.Length..], out var id) && !Directory.Exists($"/proc/{id}"))
            {
                Directory.Delete(left, recursive: true);
            }
        }
    }

    private void Publish(DataPackage package, string work)
    {
        var target = Path.Combine(folder.Root, package.Name);
        if (Directory.Exists(target))
        {
            Directory.Move(target, Path.Combine(work, "old"));
        }

        Directory.Move(Path.Combine(work, "data"), target);
    }
}
