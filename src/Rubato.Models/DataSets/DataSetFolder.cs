using System.Text;
using Rubato.Core;
using Rubato.Models.Files;

namespace Rubato.Models.DataSets;

/// <summary>The user's cache of data sets, one folder a package: <c>$XDG_CACHE_HOME/rubato/datasets</c> or <c>~/.cache/rubato/datasets</c>.</summary>
public sealed class DataSetFolder
{
    private const int MostFileBytes = 1 << 28;
    private const int MostPlainBytes = 1 << 28;

    /// <summary>The folder at <paramref name="path"/>, or the user's when null. It need not exist.</summary>
    /// <exception cref="RubatoException">No path is given, and the environment names no home to keep files in.</exception>
    public DataSetFolder(string? path = null) => Root = path ?? UserCacheFolder.For("datasets");

    /// <summary>Its path.</summary>
    public string Root { get; }

    /// <summary>Whether all files of the set are there.</summary>
    public bool Has(DataSetInfo set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.Files.All(file => File.Exists(PathOf(set.Package, file)));
    }

    /// <summary>Where a file of a package lies.</summary>
    public string PathOf(DataPackage package, string file) => Path.Combine(Root, package.Name, file);

    /// <summary>Reads a table.</summary>
    /// <exception cref="RubatoException">The set was not fetched; the message names the command that does.</exception>
    /// <exception cref="InvalidFormatException">The file is damaged.</exception>
    /// <exception cref="InvalidOptionException">There is no such table.</exception>
    public LabelledTable Table(string name)
    {
        var set = DataSetCatalog.Get(name);
        if (!set.IsTable)
        {
            throw new InvalidOptionException($"data set {name}: holds images, not a table.");
        }

        var (file, bytes) = Read(set, set.Files[0]);
        return set.Frame is { } frame
            ? LabelledTable.From(name, RDataReader.DataFrame(bytes, frame.Variable, file), frame.Label)
            : LabelledTable.From(name, DelimitedFile.Read(Encoding.UTF8.GetString(bytes), set.HasHead, file), DelimitedFile.Label);
    }

    /// <summary>Reads images with their classes: those to train on and those to test with.</summary>
    /// <exception cref="RubatoException">The set was not fetched; the message names the command that does.</exception>
    /// <exception cref="InvalidFormatException">A file is damaged.</exception>
    public (ImageSet Training, ImageSet Test) Images(string name)
    {
        var set = DataSetCatalog.Get(name);
        return set.IsTable
            ? throw new InvalidOptionException($"data set {name}: is a table, not images.")
            : (Images(set, 0), Images(set, 2));
    }

    private ImageSet Images(DataSetInfo set, int first) => ImageSet.From(Array(set, set.Files[first]), Array(set, set.Files[first + 1]), set.Files[first]);

    private IdxArray Array(DataSetInfo set, string file)
    {
        var (path, bytes) = Read(set, file);
        return IdxArray.Read(bytes, path);
    }

    private (string Path, byte[] Plain) Read(DataSetInfo set, string file)
    {
        var path = PathOf(set.Package, file);
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new RubatoException($"The data set {set.Name} is not here ({path}): 'rubato lr data get {set.Name}' fetches it.");
        }

        return info.Length <= MostFileBytes
            ? (path, Decompression.Plain(File.ReadAllBytes(path), MostPlainBytes, path))
            : throw new InvalidFormatException($"{path}: has {info.Length} bytes, more than any known data set.");
    }
}
