using System.Text;
using Rubato.Core;
using Rubato.LearningRates.Comparison;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>The log of an experiment in a folder: what is done stands there, what comes is added run by run.</summary>
internal sealed class ResultFolder : IDisposable
{
    private const string LogName = "results.jsonl";

    private readonly FileStream _log;

    private ResultFolder(FileStream log, IReadOnlyList<CellRecord> done) => (_log, Done) = (log, done);

    /// <summary>The runs that were done before.</summary>
    public IReadOnlyList<CellRecord> Done { get; }

    /// <summary>Opens the folder for an experiment: a new one, or one to go on with.</summary>
    /// <exception cref="RubatoException">It holds another experiment, or another process writes it, or it cannot be written.</exception>
    public static ResultFolder Open(string path, ExperimentSettings settings)
    {
        var log = Path.Combine(path, LogName);
        try
        {
            _ = Directory.CreateDirectory(path);
            var stream = new FileStream(log, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            try
            {
                return new(stream, Continue(stream, settings, log));
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException(File.Exists(path) ? $"--out {path}: is a file; give a folder." : $"--out {path}: its log cannot be written; another run may use it: {e.Message}", e);
        }
    }

    /// <summary>Reads the experiment in a folder without changing anything.</summary>
    /// <exception cref="RubatoException">There is none.</exception>
    public static ComparisonLog Read(string path)
    {
        var file = Path.Combine(path, LogName);
        return (File.Exists(file) ? ComparisonLog.Read(File.ReadAllText(file), file) : null)
            ?? throw new RubatoException($"{file}: holds no comparison; 'rubato lr compare --out {path}' makes one.");
    }

    /// <summary>Adds a run; it survives the end of this process.</summary>
    public void Add(CellRecord record)
    {
        _log.Write(Encoding.UTF8.GetBytes(ComparisonLog.Line(record)));
        _log.Flush();
    }

    public void Dispose() => _log.Dispose();

    private static IReadOnlyList<CellRecord> Continue(FileStream stream, ExperimentSettings settings, string name)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var text = reader.ReadToEnd();
        var log = ComparisonLog.Read(text, name);
        log?.RequireSame(settings, name);

        // A line that a killed process left incomplete goes; the next one takes its place.
        stream.SetLength(log is null ? 0 : Encoding.UTF8.GetByteCount(text.AsSpan(0, log.WholeLength)));
        _ = stream.Seek(0, SeekOrigin.End);
        if (log is null)
        {
            stream.Write(Encoding.UTF8.GetBytes(ComparisonLog.Head(settings)));
            stream.Flush();
        }

        return log?.Records ?? [];
    }
}
