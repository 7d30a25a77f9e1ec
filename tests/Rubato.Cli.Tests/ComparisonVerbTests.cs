using System.Text.Json;
using Rubato.Models.DataSets;

namespace Rubato.Cli.Tests;

/// <summary>Comparisons of schedules as a person runs them. Real data sets are fetched by ./test (rubato lr data get convex).</summary>
public sealed class ComparisonVerbTests : IDisposable
{
    private static readonly string[] Small = ["lr", "compare", "--suite", "convex", "--tasks", "synthetic", "--budgets", "1%,25%", "--rates", "0.5,2", "--seeds", "1", "--schedules", "rex; linear; uba(phi=5); plateau"];

    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-compare-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The protocol of the convex suite on two real data sets, with what must come out of it.</summary>
    [Fact]
    public async Task On_Glass_and_Vehicle_linear_beats_constant_and_step_and_constant_is_last()
    {
        var result = await Json(
            "lr", "compare", "--suite", "convex", "--tasks", "glass,vehicle", "--budgets", "1%,5%,25%,100%", "--seeds", "1", "--rates", "coarse", "--schedules",
            "constant; step; exponential; cosine; linear; wsd; rex; rex-community; uba(phi=0.25); uba; uba(phi=5); refined");
        foreach (var group in new[] { "sgd", "adam" })
        {
            var ranking = result.GetProperty("rankings").EnumerateArray().Single(ranking => ranking.GetProperty("group").GetString() == group);
            Assert.Equal((4, 4, 0), (ranking.GetProperty("lowCells").GetInt32(), ranking.GetProperty("highCells").GetInt32(), ranking.GetProperty("leftOut").GetInt32()));
            var ranks = ranking.GetProperty("rows").EnumerateArray().ToDictionary(row => row.GetProperty("schedule").GetString()!, row => row.GetProperty("all").GetProperty("meanRank").GetDouble());
            Assert.Equal(12, ranks.Count);
            Assert.True(ranks["linear"] < ranks["constant"], $"{group}: linear {ranks["linear"]}, constant {ranks["constant"]}");
            Assert.True(ranks["linear"] < ranks["step(50-75)"], $"{group}: linear {ranks["linear"]}, step {ranks["step(50-75)"]}");
            var last = result.GetProperty("outcomes").EnumerateArray()
                .Where(outcome => outcome.GetProperty("budget").GetDouble() == 1 && outcome.GetProperty("task").GetString()!.EndsWith("/" + group, StringComparison.Ordinal))
                .GroupBy(outcome => outcome.GetProperty("schedule").GetString())
                .OrderBy(schedule => schedule.Average(outcome => outcome.GetProperty("rank").GetDouble()))
                .Select(schedule => schedule.Key)
                .TakeLast(2);
            Assert.Contains("constant", last);
        }
    }

    [Theory]
    [InlineData("iris", 150, 4, 3)]
    [InlineData("wine", 178, 13, 3)]
    [InlineData("breast-cancer", 569, 30, 2)]
    [InlineData("digits", 1797, 64, 10)]
    [InlineData("glass", 214, 9, 6)]
    [InlineData("vehicle", 846, 18, 4)]
    [InlineData("vowel", 990, 10, 11)]
    [InlineData("sonar", 208, 60, 2)]
    [InlineData("dna", 3186, 180, 3)]
    [InlineData("satellite", 6435, 36, 6)]
    [InlineData("letter", 20000, 16, 26)]
    public void Data_sets_from_packages_have_their_known_shapes(string name, int examples, int width, int classes)
    {
        var table = new DataSetFolder().Table(name);
        Assert.Equal((examples, width, classes), (table.Labels.Length, table.Width, table.Classes));
        Assert.Equal(classes, table.Labels.Distinct().Count());
    }

    [Fact]
    public async Task A_folder_gets_every_file_and_a_run_cut_off_in_the_middle_goes_on_to_the_same_results()
    {
        var (whole, cut) = (Path.Combine(_folder, "whole"), Path.Combine(_folder, "cut"));
        Assert.Equal(0, (await RubatoProcess.RunAsync([.. Small, "--out", whole])).ExitCode);
        string[] expected = ["ranking.json", "ranking.md", "ranks-adam.png", "ranks-adam.svg", "ranks-all.png", "ranks-all.svg", "ranks-sgd.png", "ranks-sgd.svg", "results.csv", "results.jsonl", "summary.json"];
        Assert.Equal(expected, Directory.EnumerateFiles(whole).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));

        // What a process that is killed leaves: half of the log, its last line incomplete.
        var log = await File.ReadAllBytesAsync(Path.Combine(whole, "results.jsonl"), TestContext.Current.CancellationToken);
        _ = Directory.CreateDirectory(cut);
        await File.WriteAllBytesAsync(Path.Combine(cut, "results.jsonl"), log[..(log.Length / 2)], TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RubatoProcess.RunAsync([.. Small, "--out", cut])).ExitCode);
        foreach (var file in new[] { "results.jsonl", "results.csv", "summary.json", "ranking.md" })
        {
            Assert.Equal(await Text(whole, file), await Text(cut, file));
        }

        var other = await RubatoProcess.RunAsync([.. Small, "--seed", "5", "--out", cut]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("holds another experiment (seeds 1, now 5)", Assert.Single(other.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_data_a_suite_is_refused_in_one_line_that_names_the_remedy()
    {
        var result = await RubatoProcess.RunWithEnvironmentAsync("XDG_CACHE_HOME", _folder, "lr", "compare", "--suite", "convex");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("'rubato lr data get iris'", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        var list = await RubatoProcess.RunWithEnvironmentAsync("XDG_CACHE_HOME", _folder, "lr", "data", "list", "--json");
        Assert.All(JsonDocument.Parse(list.Output).RootElement.GetProperty("dataSets").EnumerateArray(), set => Assert.False(set.GetProperty("here").GetBoolean()));
    }

    [Theory]
    [InlineData("--suite", "nothing", "choose convex, fashion, lm")]
    [InlineData("--budgets", "0%", "--budgets 0%")]
    [InlineData("--budgets", "200%", "--budgets 200%")]
    [InlineData("--rates", "-1", "--rates -1")]
    [InlineData("--seeds", "0", "--seeds 0")]
    [InlineData("--tasks", "nowhere", "data set nowhere")]
    [InlineData("--schedules", "rexx", "Did you mean 'rex'?")]
    [InlineData("--schedules", "rex; rex(0.5)", "stands there twice")]
    public async Task Wrong_options_are_one_clear_line(string option, string value, string rule)
    {
        string[] words = option == "--suite" ? ["lr", "compare"] : ["lr", "compare", "--suite", "convex"];
        var result = await RubatoProcess.RunAsync([.. words, $"{option}={value}"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(rule, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pilot_reports_a_choice_for_every_task()
    {
        var result = await Json("lr", "pilot", "--suite", "convex", "--tasks", "synthetic", "--pilot", "1%", "--rates", "0.5", "--seeds", "1");
        var choices = result.GetProperty("choices").EnumerateArray().ToArray();
        Assert.Equal(6, choices.Length);
        Assert.All(choices, choice => Assert.StartsWith("uba", choice.GetProperty("schedule").GetString(), StringComparison.Ordinal));
        var refused = await RubatoProcess.RunAsync("lr", "pilot", "--suite", "convex", "--pilot", "50%");
        Assert.Contains("at most 10%", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reproduce_reads_results_and_names_its_sources()
    {
        var results = Path.Combine(_folder, "rex");
        string[] compare = [.. Small[..^1], "constant; exponential; linear; step; cosine; plateau; onecycle; rex", "--out", results];
        Assert.Equal(0, (await RubatoProcess.RunAsync(compare)).ExitCode);
        var result = await Json("reproduce", "rex", "--results", results);
        var claims = result.GetProperty("claims").EnumerateArray().ToArray();
        Assert.Equal(4, claims.Length);
        Assert.All(claims, claim => Assert.Contains(claim.GetProperty("claim").GetProperty("provenance").GetString(), new[] { "Paper", "Code" }));
        Assert.All(result.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("passed").GetBoolean()));
        Assert.Equal("CannotBeTested", claims[^1].GetProperty("verdict").GetString());
    }

    private static async Task<string> Text(string folder, string file) => await File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken);

    private static async Task<JsonElement> Json(params string[] words)
    {
        var result = await RubatoProcess.RunAsync([.. words, "--json"]);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
