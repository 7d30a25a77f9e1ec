using System.IO.Compression;
using Rubato.Core;
using Rubato.Models.DataSets;
using Rubato.Models.Tests.Files;

namespace Rubato.Models.Tests.DataSets;

public sealed class DataSetFolderTests
{
    [Fact]
    public void What_is_missing_is_refused_with_the_command_that_fetches_it()
    {
        using var temporary = new TemporaryFolder();
        var folder = new DataSetFolder(temporary.Root);
        Assert.All(DataSetCatalog.All, set =>
        {
            Assert.False(folder.Has(set));
            var error = Assert.Throws<RubatoException>(() => set.IsTable ? (object)folder.Table(set.Name) : folder.Images(set.Name));
            Assert.Contains($"'rubato lr data get {set.Name}'", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        });
        Assert.Throws<InvalidOptionException>(() => folder.Table("no such set"));
        Assert.Throws<InvalidOptionException>(() => folder.Table("fashion-mnist"));
        Assert.Throws<InvalidOptionException>(() => folder.Images("iris"));
    }

    [Fact]
    public void Tables_of_both_kinds_become_features_and_classes()
    {
        using var temporary = new TemporaryFolder();
        var folder = new DataSetFolder(temporary.Root);
        Put(folder, "iris", 0, "3,2,a,b\n1,2,0\n3,4,1\n5,6,0\n"u8.ToArray());
        Put(folder, "digits", 0, Gzip("1,2,7\n3,4,9\n"u8.ToArray()));
        Put(folder, "glass", 0, RDataBuilder.Workspace("Glass", [new("Type", [2, 0, 2], ["1", "2", "3"]), new("RI", [1.5, 1.25, 1])]));
        var iris = folder.Table("iris");
        Assert.Equal((2, 2), (iris.Width, iris.Classes));
        Assert.Equal([1, 2, 3, 4, 5, 6], iris.Features);
        Assert.Equal([0, 1, 0], iris.Labels);
        Assert.Equal([0, 1], folder.Table("digits").Labels);
        var glass = folder.Table("glass");
        Assert.Equal([1.5, 1.25, 1], glass.Features);

        // The second class does not occur, so there are two.
        Assert.Equal([1, 0, 1], glass.Labels);
        Assert.Equal(2, glass.Classes);
    }

    [Theory]
    [InlineData("3,2,a,b\n1,2,0\n", ":1: does not announce")]
    [InlineData("2,2,a,b\n1,2,0\n3,4\n", ":3: has 2 columns")]
    [InlineData("1,2,a,b\n1,x,0\n", ":2: column 2 is not")]
    [InlineData("1,2,a,b\n1,NaN,0\n", ":2: column 2 is not")]
    [InlineData("0,2,a,b\n", "has no rows")]
    [InlineData("", "has no rows")]
    public void Damaged_text_is_refused_with_its_line(string text, string rule)
    {
        using var temporary = new TemporaryFolder();
        var folder = new DataSetFolder(temporary.Root);
        Put(folder, "iris", 0, System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Contains(rule, Assert.Throws<InvalidFormatException>(() => folder.Table("iris")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_come_with_their_classes_and_damage_is_refused()
    {
        using var temporary = new TemporaryFolder();
        var folder = new DataSetFolder(temporary.Root);
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40];
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 2, 3, 9];
        Fill(images, labels);
        var (training, test) = folder.Images("fashion-mnist");
        Assert.Equal((2, 2), (training.Count, training.Pixels));
        Assert.Equal([10, 20, 30, 40], test.Images.Values);
        Assert.Equal([3, 9], test.Labels.Values);
        Refused(images[..^1], labels, "announces 4 values but holds 3");
        Refused([.. images, 1], labels, "announces 4 values but holds 5");
        Refused([1, .. images[1..]], labels, "does not begin");
        Refused([0, 0, 8, 3, 127, 255, 255, 255, .. images[8..]], labels, "announces dimension 1");
        Refused(images, [0, 0, 8, 1, 0, 0, 0, 1, 3], "do not belong together");
        Refused(images, [0, 0, 8, 1, 0, 0, 0, 2, 3, 10], "do not belong together");

        void Fill(byte[] pictures, byte[] classes)
        {
            for (var file = 0; file < 4; file++)
            {
                Put(folder, "fashion-mnist", file, Gzip(file % 2 == 0 ? pictures : classes));
            }
        }

        void Refused(byte[] pictures, byte[] classes, string rule)
        {
            Fill(pictures, classes);
            Assert.Contains(rule, Assert.Throws<InvalidFormatException>(() => folder.Images("fashion-mnist")).Message, StringComparison.Ordinal);
        }
    }

    private static void Put(DataSetFolder folder, string name, int file, byte[] bytes)
    {
        var set = DataSetCatalog.Get(name);
        var path = folder.PathOf(set.Package, set.Files[file]);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
