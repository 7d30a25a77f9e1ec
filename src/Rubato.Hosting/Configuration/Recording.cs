using Rubato.Core;
using Rubato.Models.Files;
using Rubato.Serving;
using Rubato.Serving.Journal;

namespace Rubato.Hosting.Configuration;

/// <summary>A run being recorded to a file. Only its owner can read it: it holds the tokens of every conversation.</summary>
/// <remarks>
/// The journal grows as FILE.partial, each line on its way to disk when it is written, and becomes FILE when the engine ends. A killed
/// server leaves FILE.partial, which can be replayed like any other; a server that never got to work, as its port was taken, leaves
/// nothing and an older FILE as it was.
/// </remarks>
internal sealed class Recording : IDisposable
{
    private readonly PartialFile _file;
    private readonly RecordingScheduler _recorder;
    private readonly long _headerBytes;

    private Recording(PartialFile file, Scheduler scheduler)
    {
        _file = file;
        _recorder = new RecordingScheduler(scheduler, file.Stream);
        _headerBytes = Written;
    }

    /// <summary>Records to the file at <paramref name="path"/> from now on.</summary>
    /// <param name="scheduler">A scheduler that has not been given any input.</param>
    /// <param name="path">The journal.</param>
    /// <param name="modelPath">The model that is served, which must not be the target.</param>
    /// <exception cref="RubatoException">The file cannot be written.</exception>
    public static Recording Start(Scheduler scheduler, string path, string modelPath) => SameFile(path, modelPath)
        ? throw new RubatoException($"The journal {path} would overwrite the model that is served: give another file.")
        : new(PartialFile.Create(path, bufferBytes: 0, ownerOnly: true), scheduler);

    /// <summary>What the engine steps.</summary>
    public IScheduler Scheduler => _recorder;

    private long Written => _file.Stream.CanSeek ? _file.Stream.Position : 0;

    /// <summary>Ends the recording, after the engine's last step.</summary>
    /// <exception cref="RubatoException">The file cannot take its place; it stays under its partial name.</exception>
    public void Dispose()
    {
        using (_file)
        {
            _recorder.Dispose();
            if (_recorder.Failure is not null)
            {
                return; // The engine has logged it; what there is stays under the partial name.
            }

            if (Written == _headerBytes)
            {
                _file.Discard();
            }
            else
            {
                _file.Complete();
            }
        }
    }

    private static bool SameFile(string a, string b) => Target(a) == Target(b);

    private static string Target(string path) =>
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : Path.GetFullPath(path);
}
