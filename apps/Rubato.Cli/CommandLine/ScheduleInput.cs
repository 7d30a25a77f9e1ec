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
    public static Schedule Parse(string text) => text.StartsWith(FilePrefix, StringComparison.Ordinal) ? Read(text[FilePrefix.Length..]) : ScheduleText.Parse(text, ReadNorms);

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
        return TableFile.Matches(bytes) ? new(TableFile.Read(bytes, path)) : ScheduleJson.Parse(Encoding.UTF8.GetString(bytes));
    }

    private static byte[] Bytes(string path) => File.Exists(path) ? File.ReadAllBytes(path) : throw new RubatoException($"{path}: no such file.");
}
