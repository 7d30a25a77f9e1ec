using System.Diagnostics;
using System.Text;
using Rubato.Core;

namespace Rubato.Cli.Commands;

/// <summary>The system's xz at its highest setting, as a yardstick for language models.</summary>
internal static class XzCompressor
{
    /// <summary>Bits per byte of <paramref name="text"/> compressed by itself.</summary>
    public static double BitsPerByte(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return 8.0 * CompressedBytes(bytes) / bytes.Length;
    }

    /// <summary>Bits per byte that <paramref name="text"/> adds to <paramref name="before"/> when both are compressed as one.</summary>
    public static double BitsPerByteAfter(string before, string text)
    {
        var first = Encoding.UTF8.GetBytes(before);
        var second = Encoding.UTF8.GetBytes(text);
        return 8.0 * (CompressedBytes([.. first, .. second]) - CompressedBytes(first)) / second.Length;
    }

    private static long CompressedBytes(byte[] data)
    {
        var start = new ProcessStartInfo("xz", ["-9", "--stdout", "--threads=1", "--format=xz", "--check=none"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Start(start);
        var feeding = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(data);
            process.StandardInput.Close();
        });
        var buffer = new byte[1 << 16];
        long total = 0;
        for (int read; (read = process.StandardOutput.BaseStream.Read(buffer)) > 0; total += read)
        {
        }

        feeding.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0 ? total : throw new RubatoException($"xz ended with exit code {process.ExitCode}.");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new RubatoException("The comparison needs the program xz, which is not on the PATH (Debian and Ubuntu: apt-get install xz-utils).", error);
        }
    }
}
