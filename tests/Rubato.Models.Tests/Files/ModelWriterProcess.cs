using System.Diagnostics;
using System.Runtime.CompilerServices;
using Rubato.Models.Gguf;

namespace Rubato.Models.Tests.Files;

/// <summary>
/// The test program run a second time as a writer that can be killed: with the variable below set it writes the same GGUF file
/// again and again, each time with the next number in every value, and prints the number of each file that it finished.
/// </summary>
internal static class ModelWriterProcess
{
    internal const int Rows = 128;
    internal const int RowLength = 512;
    internal const string TensorName = "weights";

    private const string PathVariable = "RUBATO_TEST_WRITER_TARGET";
    private const string FirstVariable = "RUBATO_TEST_WRITER_FIRST";

    private static string Program => Path.Combine(AppContext.BaseDirectory, typeof(ModelWriterProcess).Assembly.GetName().Name!);

    internal static Process Start(string target, int first) => Start(new(Program), target, first);

    /// <summary>The writer under a limit on the size of files: the operating system cuts a write short, as on a full disk.</summary>
    /// <param name="target">The file to write.</param>
    /// <param name="first">The first number to write.</param>
    /// <param name="blocks">The limit in blocks of 512 bytes.</param>
    /// <param name="deadly">Whether the write that crosses the limit kills the process (SIGXFSZ) instead of failing (EFBIG).</param>
    internal static Process StartWithoutRoom(string target, int first, int blocks, bool deadly)
    {
        var trap = deadly ? "" : "trap '' XFSZ; ";
        var limited = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", $"{trap}ulimit -f {blocks}; exec \"$0\"", Program } };
        limited.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // The runtime would need a large file of its own otherwise.
        return Start(limited, target, first);
    }

    internal static void Write(string target, int number)
    {
        var writer = new GgufWriter();
        writer.Set("number", number);
        writer.AddTensor(TensorName, [RowLength, Rows], GgmlType.F32, (_, row) => row.Fill(number));
        writer.Write(target);
    }

    private static Process Start(ProcessStartInfo program, string target, int first)
    {
        program.RedirectStandardOutput = true;
        program.RedirectStandardError = true;
        program.Environment[PathVariable] = target;
        program.Environment[FirstVariable] = $"{first}";
        return Process.Start(program)!;
    }

    [ModuleInitializer]
    internal static void RunInsteadOfTheTests()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is not { } target)
        {
            return;
        }

        for (var number = int.Parse(Environment.GetEnvironmentVariable(FirstVariable)!); ; number++)
        {
            Write(target, number);
            try
            {
                Console.Out.WriteLine(number);
                Console.Out.Flush();
            }
            catch (IOException)
            {
                Environment.Exit(0); // The tests are gone.
            }
        }
    }
}
