using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Rubato.Torch.Checkpoints;
using Rubato.Torch.Training;

namespace Rubato.Torch.Tests.Checkpoints;

/// <summary>
/// The test program run a second time as a trainer that dies while it saves: with the variables below set it takes one step, saves
/// a checkpoint, and kills itself (SIGKILL) when a given number of bytes is in the file.
/// </summary>
internal static class CheckpointWriterProcess
{
    /// <summary>The exit code of a process that SIGKILL ended: 128 + 9.</summary>
    public const int Killed = 137;

    private const string FolderVariable = "RUBATO_TEST_CHECKPOINT_FOLDER";
    private const string RoomVariable = "RUBATO_TEST_CHECKPOINT_ROOM";

    /// <summary>Runs the trainer to its end; answers its exit code.</summary>
    public static int SaveUntilKilled(string folder, int room)
    {
        var program = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, typeof(CheckpointWriterProcess).Assembly.GetName().Name!));
        program.Environment[FolderVariable] = folder;
        program.Environment[RoomVariable] = room.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(program)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    [ModuleInitializer]
    internal static void RunInsteadOfTheTests()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { } folder)
        {
            return;
        }

        AssemblySetup.Start();
        var room = int.Parse(Environment.GetEnvironmentVariable(RoomVariable)!, CultureInfo.InvariantCulture);
        using var model = Small.Model(seed: 3);
        using var trainer = new Trainer(model, Small.Rows(), null, Small.Options("100steps"), TimeProvider.System);
        trainer.Update();
        new CheckpointFolder(folder, ImmutableSortedDictionary<string, string>.Empty).Save(
            trainer, stream => new SmallDisk(stream, room, () => Die(stream)));
        Environment.Exit(0);
    }

    private static void Die(Stream written)
    {
        written.Flush();
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
