using System.ComponentModel;
using System.Diagnostics;
using Rubato.Core;

namespace Rubato.Cli.Commands.LearningRates.Data;

/// <summary>Runs a program of the system and keeps what it says.</summary>
internal static class SystemProgram
{
    /// <summary>Runs <paramref name="name"/> to its end, without input.</summary>
    /// <exception cref="RubatoException">The system has no such program.</exception>
    public static Outcome Run(string name, IReadOnlyList<string> words, string folder)
    {
        var start = new ProcessStartInfo(name, words) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception e)
        {
            throw new RubatoException($"{name} is not on the PATH: data sets come from Debian packages, so Debian, Ubuntu or a descendant is needed.", e);
        }

        using (process)
        {
            process!.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            _ = output.GetAwaiter().GetResult();
            var last = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault("no message");
            return new(process.ExitCode, last);
        }
    }

    /// <summary>How it ended, and the last line of its standard error.</summary>
    internal sealed record Outcome(int ExitCode, string LastLine);
}
