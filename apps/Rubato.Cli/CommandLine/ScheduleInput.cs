using System.Text;
using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Notation;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;

namespace Rubato.Cli.CommandLine;

/// <summary>Schedules and gradient norms as users give them: as text, or as the name of a file.</summary>
internal static class ScheduleInput
{
    /// <summary>What stands before the name of a file with a schedule.</summary>
    public const string FilePrefix = "file:";

    /// <summary>The schedule that <paramref name="text"/> writes out, or that the file it names holds.</summary>
    /// <param name="text">A schedule, or file:PATH.</param>
    /// <param name="refinedFor">The optimizer whose weights <c>refined(FILE)</c> takes when it does not say so.</param>
    /// <param name="opened">Hears of every file of norms that is read.</param>
    public static Schedule Parse(string text, OptimizerKind refinedFor = OptimizerKind.Sgd, Action<string>? opened = null)
    {
        return text.StartsWith(FilePrefix, StringComparison.Ordinal) ? Read(text[FilePrefix.Length..]) : ScheduleText.Parse(text, Open, refinedFor);

        GradientNormSequence Open(string path)
        {
            opened?.Invoke(path);
            return ReadNorms(path);
        }
    }

    /// <summary>The norms of a file in the binary or one of the text forms.</summary>
    public static GradientNormSequence ReadNorms(string path)
    {
        var bytes = Bytes(path);
        if (GradientNormFile.Matches(bytes))
        {
            return GradientNormFile.Read(bytes, path);
        }

        using var reader = new StreamReader(new MemoryStream(bytes));
        return GradientNormText.Read(reader, path);
    }

    private static Schedule Read(string path)
    {
        var bytes = Bytes(path);
        if (TableFile.Matches(bytes))
        {
            return new(TableFile.Read(bytes, path));
        }

        try
        {
            return ScheduleJson.Parse(Encoding.UTF8.GetString(bytes));
        }
        catch (InvalidOptionException error)
        {
            throw new InvalidFormatException($"{path}: {error.Message}", error);
        }
    }

    private static byte[] Bytes(string path) => File.Exists(path) ? File.ReadAllBytes(path)
        : throw new RubatoException(Directory.Exists(path) ? $"{path}: is a folder." : $"{path}: no such file.");
}
