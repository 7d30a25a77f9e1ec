using Rubato.Hosting.Catalog;

namespace Rubato.Hosting.Tests.Catalog;

public sealed class ModelFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-folder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Find_GoesFourLevelsDown_FollowsLinksToFiles_AndNotToFolders()
    {
        string[] expected = [Make("a.gguf"), Make("1/b.GGUF"), Make("1/2/3/4/c.gguf")];
        _ = Make("1/2/3/4/5/too-deep.gguf");
        _ = Make("1/text.txt");
        Directory.CreateDirectory(Path.Combine(_folder, "folder.gguf"));
        var link = Path.Combine(_folder, "link.gguf");
        File.CreateSymbolicLink(link, expected[0]);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "loop"), _folder);
        Assert.Equal([.. expected.Append(link).Order(StringComparer.Ordinal)], ModelFolder.Find(_folder));
    }

    [Fact]
    public void Find_ListsAThousandFilesAtMost_AndNothingWhereNothingIs()
    {
        for (var i = 0; i < ModelFolder.FilesMax + 20; i++)
        {
            _ = Make($"{i}.gguf");
        }

        Assert.Equal(ModelFolder.FilesMax, ModelFolder.Find(_folder).Count);
        Assert.Empty(ModelFolder.Find(Path.Combine(_folder, "none")));
    }

    private string Make(string name)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, []);
        return path;
    }
}
