using Rubato.Core;
using Rubato.Models.Files;

namespace Rubato.Torch.Reports;

/// <summary>Opens a file of lines for a run that goes on: lines from after its checkpoint are dropped, then more are appended.</summary>
internal static class ResumedLines
{
    /// <summary>Opens or makes the file; every line that is written reaches the system at once.</summary>
    /// <param name="path">Its path; the folder exists.</param>
    /// <param name="keep">Which lines stay.</param>
    /// <exception cref="RubatoException">The file cannot be written.</exception>
    public static StreamWriter Open(string path, Func<string, bool> keep)
    {
        try
        {
            string[] kept = File.Exists(path) ? [.. File.ReadLines(path).Where(keep)] : [];
            AtomicFile.Write(path, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                foreach (var line in kept)
                {
                    writer.Write(line + "\n");
                }
            });
            return new(path, append: true) { AutoFlush = true, NewLine = "\n" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{path}: cannot be written: {e.Message}", e);
        }
    }
}
