using System.Diagnostics;

namespace Rubato.Cli.Tests;

/// <summary>The built program, started as a person starts it.</summary>
internal static class RubatoProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static string Root { get; } = FindRoot();

    public static string Program { get; } = Path.Combine(Root, "artifacts", "bin", "Rubato.Cli", "release", "rubato");

    public static string ShippedModel { get; } = Path.Combine(Root, "models", "rubato-tiny.gguf");

    public sealed record Result(int ExitCode, string Output, string Error)
    {
        public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public static async Task<Result> RunAsync(params string[] args) => await RunWithInputAsync("", args);

    public static async Task<Result> RunWithInputAsync(string input, params string[] args)
    {
        using var process = Start(args);
        return await EndAsync(process, input, args);
    }

    public static async Task<Result> RunWithEnvironmentAsync(string name, string value, params string[] args)
    {
        var start = Prepare(args);
        start.Environment[name] = value;
        using var process = Process.Start(start)!;
        return await EndAsync(process, "", args);
    }

    public static Process Start(params string[] args) => Process.Start(Prepare(args))!;

    private static async Task<Result> EndAsync(Process process, string input, string[] args)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"rubato {string.Join(' ', args)} did not end within {Limit}.");
        }

        return new(process.ExitCode, await output, await error);
    }

    private static ProcessStartInfo Prepare(string[] args) => new(Program, args)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Rubato.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Rubato.slnx is in no folder above the test program.");
    }
}
