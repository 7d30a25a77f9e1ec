using Rubato.Core;
using Rubato.Hosting.Http;
using Rubato.Serving;

namespace Rubato.Hosting.Configuration;

/// <summary>Checks <see cref="ServingOptions"/> before anything is built from them.</summary>
public static class ServingOptionsValidator
{
    /// <summary>Every rule that <paramref name="options"/> break, one line each; empty when valid.</summary>
    public static IReadOnlyList<string> FindErrors(ServingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var errors = new List<string>();
        if (options.Sources.Count == 0 && options.ModelFolders.Count == 0)
        {
            errors.Add("ModelPath is empty: name a GGUF file, or a folder with such files.");
        }

        if (options.RecordPath is not null && (options.Sources.Count > 1 || options.ModelFolders.Count > 0))
        {
            errors.Add("RecordPath is set, and there is more than one model: a recording is of one, serve that one alone.");
        }

        if (options.KvMemoryBytes < 0 || options.MemoryBytesMax < 0)
        {
            errors.Add("A memory size is below 0: give a number of bytes, or leave it out.");
        }

        errors.AddRange(options.ModelFolders.Where(folder => !Directory.Exists(folder)).Select(folder => $"ModelFolders holds '{folder}': there is no such folder."));

        errors.AddRange(OptionRanges.FindErrors(options));
        errors.AddRange(OptionRanges.FindErrors(options.Engine));
        errors.AddRange(SchedulerOptionsValidator.FindErrors(options.Scheduler));
        errors.AddRange(ServingHttpOptionsValidator.FindErrors(options.Http));
        return errors;
    }

    /// <summary>Throws when a rule is broken.</summary>
    /// <exception cref="InvalidOptionException">At least one rule is broken; the message lists all of them.</exception>
    public static void Validate(ServingOptions options)
    {
        var errors = FindErrors(options);
        if (errors.Count > 0)
        {
            throw new InvalidOptionException(string.Join(" ", errors));
        }
    }
}
