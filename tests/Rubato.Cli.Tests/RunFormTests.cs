using System.Text.Json;

namespace Rubato.Cli.Tests;

/// <summary><c>rubato run</c> with an answer in JSON.</summary>
public sealed class RunFormTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task JsonSchema_IsKept()
    {
        var schema = await WriteAsync("""{"type":"object","properties":{"mood":{"enum":["calm","wild"]},"tempo":{"type":"integer","minimum":40,"maximum":208}},"required":["mood","tempo"],"additionalProperties":false}""");
        var result = await RubatoProcess.RunAsync("run", RubatoProcess.ShippedModel, "A tune.", "--json-schema", schema, "--temperature", "1", "--seed", "3");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var tune = JsonDocument.Parse(result.Output).RootElement;
        Assert.Contains(tune.GetProperty("mood").GetString(), new[] { "calm", "wild" });
        Assert.InRange(tune.GetProperty("tempo").GetInt32(), 40, 208);
        var wrapped = await RubatoProcess.RunAsync("run", RubatoProcess.ShippedModel, "A tune.", "--json-schema", schema, "--temperature", "1", "--seed", "3", "--json");
        Assert.Equal(result.Output.Trim(), JsonDocument.Parse(wrapped.Output).RootElement.GetProperty("text").GetString()!.Trim());
    }

    [Fact]
    public async Task JsonObject_BeginsAnObject()
    {
        var result = await RubatoProcess.RunAsync("run", RubatoProcess.ShippedModel, "A tune.", "--json-object", "--raw", "--max-tokens", "20");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("{", result.Output.TrimStart());
    }

    [Theory]
    [InlineData("{\"not\":{}}", "schema.not")]
    [InlineData("{\"type\":", "not JSON")]
    [InlineData("{\"type\":\"object\",\"type\":\"array\"}", "not JSON")]
    [InlineData(null, "cannot be read")]
    public async Task AWrongSchema_IsOneLine(string? schema, string what)
    {
        var path = schema is null ? Path.Combine(_folder, "none.json") : await WriteAsync(schema);
        var result = await RubatoProcess.RunAsync("run", RubatoProcess.ShippedModel, "x", "--json-schema", path);
        Assert.NotEqual(0, result.ExitCode);
        var line = Assert.Single(result.ErrorLines);
        Assert.Contains(what, line);
        Assert.Contains(path, line);
    }

    [Fact]
    public async Task BothForms_ExcludeEachOther()
    {
        var result = await RubatoProcess.RunAsync("run", RubatoProcess.ShippedModel, "x", "--json-schema", await WriteAsync("{}"), "--json-object");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("exclude each other", result.Error);
    }

    private async Task<string> WriteAsync(string text)
    {
        var path = Path.Combine(_folder, "form.schema.json");
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return path;
    }
}
