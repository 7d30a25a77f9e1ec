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

    internal static Process Start(string target, int first)
    {
        var program = Path.Combine(AppContext.BaseDirectory, typeof(ModelWriterProcess).Assembly.GetName().Name!);
        return Process.Start(new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            Environment = { [PathVariable] = target, [FirstVariable] = $"{first}" },
        })!;
    }

    internal static void Write(string target, int number)
    {
        var writer = new GgufWriter();
        writer.Set("number", number);
        writer.AddTensor(TensorName, [RowLength, Rows], GgmlType.F32, (_, row) => row.Fill(number));
        writer.Write(target);
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
