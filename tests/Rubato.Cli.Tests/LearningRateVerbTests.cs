using System.Text.Json;

namespace Rubato.Cli.Tests;

public sealed class LearningRateVerbTests
{
    [Fact]
    public async Task Curve_AsJson_HasEveryUpdateInFullPrecision()
    {
        var result = await Json("lr", "curve", "rex | warmup(5 steps)", "--steps", "100", "--peak", "2", "--min", "0.5");
        Assert.Equal("rex | warmup(5 steps)", result.GetProperty("schedule").GetString());
        Assert.Equal(100, result.GetProperty("steps").GetInt32());
        double[] values = [.. result.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        Assert.Equal(100, values.Length);
        Assert.Equal(0.5 + 1.5 * 0.2, values[0], 1e-12);
        Assert.Equal(0.5 + 1.5 * 96 / 143, values[52], 1e-12);
    }

    [Fact]
    public async Task Curve_CanChangeItsBudgetAndShowMomentum()
    {
        var rebudgeted = await Json("lr", "curve", "rex", "--steps", "100", "--rebudget", "40:60");
        Assert.Equal(60, rebudgeted.GetProperty("values").GetArrayLength());
        Assert.Equal(6.0 / 13, rebudgeted.GetProperty("values")[50].GetDouble(), 1e-12);
        var momentum = await Json("lr", "curve", "onecycle", "--steps", "100", "--channel", "momentum");
        Assert.Equal(0.923420422035, momentum.GetProperty("values")[10].GetDouble(), 1e-12);
    }

    [Fact]
    public async Task Refine_ReadsNormsAndRefusesTooFew()
    {
        var path = Path.Combine(Path.GetTempPath(), $"rubato-cli-{Environment.ProcessId}-norms.csv");
        try
        {
            await File.WriteAllTextAsync(path, "4\n2\n1\n1\n2\n", TestContext.Current.CancellationToken);
            var refined = await Json("lr", "refine", "--norms", path, "--optimizer", "sgd", "--smoothing", "0", "--table", path + ".table");
            Assert.Equal(0.45, refined.GetProperty("values")[1].GetDouble(), 1e-12);
            Assert.Equal(3, refined.GetProperty("peakAt").GetInt32());
            Assert.False(refined.GetProperty("degenerate").GetBoolean());
            var curve = await Json("lr", "curve", "file:" + path + ".table", "--steps", "5");
            Assert.Equal(refined.GetProperty("values").GetRawText(), curve.GetProperty("values").GetRawText());

            await File.WriteAllTextAsync(path, "4\n2\n", TestContext.Current.CancellationToken);
            var refused = await RubatoProcess.RunAsync("lr", "refine", "--norms", path, "--optimizer", "sgd");
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("at least 3", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".table");
        }
    }

    [Fact]
    public async Task ScoreAndRank_Agree()
    {
        var score = await Json("lr", "score", "linear", "--steps", "100");
        Assert.Equal(2.036084162, score.GetProperty("boundTimesSqrtT").GetDouble(), 1e-9);
        var ranking = (await Json("lr", "rank", "--steps", "100")).GetProperty("ranking").EnumerateArray().ToArray();
        Assert.Equal(score.GetProperty("bound").GetDouble(), ranking.Single(row => row.GetProperty("schedule").GetString() == "linear").GetProperty("bound").GetDouble());
        Assert.Equal(ranking.OrderBy(row => row.GetProperty("bound").GetDouble()), ranking);
    }

    [Theory]
    [InlineData(".png", new byte[] { 0x89, 0x50, 0x4E, 0x47 })]
    [InlineData(".svg", new byte[] { 0x3C, 0x3F, 0x78, 0x6D })]
    public async Task Plot_WritesAPicture(string extension, byte[] start)
    {
        var path = Path.Combine(Path.GetTempPath(), $"rubato-cli-{Environment.ProcessId}{extension}");
        try
        {
            var result = await RubatoProcess.RunAsync("lr", "plot", "rex", "rex | sample(50-75)", "--out", path);
            Assert.Equal(0, result.ExitCode);
            Assert.Equal(start, (await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))[..4]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task List_NamesProfilesAndWrongOnesGetASuggestion()
    {
        var names = (await Json("lr", "list")).GetProperty("profiles").EnumerateArray().Select(profile => profile.GetProperty("name").GetString()).ToArray();
        Assert.Contains("rex", names);
        Assert.Contains("uba", names);
        var wrong = await RubatoProcess.RunAsync("lr", "curve", "rexx", "--steps", "10");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("Did you mean 'rex'?", Assert.Single(wrong.ErrorLines), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> Json(params string[] words)
    {
        var result = await RubatoProcess.RunAsync([.. words, "--json"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
