using System.Text.Json;

namespace Rubato.Cli.Tests;

public sealed class QuantizeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rubato-quantize-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Quantize_ShippedModel_IsSmallerTellsItsTypesAndRuns()
    {
        var (plain, small) = (Path.Combine(_folder, "f32.gguf"), Path.Combine(_folder, "q4.gguf"));
        var first = await RubatoProcess.RunAsync("quantize", RubatoProcess.ShippedModel, "--type", "f32", "--out", plain);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Contains("32.00 bits per weight", first.Output);
        var second = await RubatoProcess.RunAsync("quantize", plain, "--type", "Q4_K", "--out", small, "--json");
        Assert.Equal((0, ""), (second.ExitCode, second.Error));
        var report = JsonDocument.Parse(second.Output).RootElement;
        Assert.Equal("Q4_K", report.GetProperty("type").GetString());
        Assert.InRange(report.GetProperty("bitsPerWeight").GetDouble(), 4.5, 6);
        Assert.True(new FileInfo(small).Length < new FileInfo(RubatoProcess.ShippedModel).Length);

        var info = JsonDocument.Parse((await RubatoProcess.RunAsync("info", small, "--json")).Output).RootElement;
        Assert.True(info.GetProperty("allTypesSupported").GetBoolean());
        Assert.Equal(
            report.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.GetProperty("to").GetString()),
            info.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.GetProperty("type").GetString()));

        string[] words = ["What does String.Join do?", "--temperature", "0", "--max-tokens", "12"];
        var exact = await RubatoProcess.RunAsync(["run", RubatoProcess.ShippedModel, .. words]);
        var text = await RubatoProcess.RunAsync(["run", plain, .. words]);
        Assert.Equal(exact.Output, text.Output); // F32 holds what Q8_0 stood for.
        var smaller = await RubatoProcess.RunAsync(["run", small, .. words]);
        Assert.Equal(0, smaller.ExitCode);
        Assert.NotEqual("", smaller.Output.Trim());
    }

    [Fact]
    public async Task Quantize_QuantisedFile_IsRefusedInOneLineWithoutAFile()
    {
        var result = await RubatoProcess.RunAsync("quantize", RubatoProcess.ShippedModel, "--type", "Q4_K", "--out", Path.Combine(_folder, "out.gguf"));
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.ErrorLines);
        Assert.Contains("--allow-requantize", result.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }
}
