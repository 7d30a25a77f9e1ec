using System.Buffers.Binary;
using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Files;

namespace Rubato.Inference.Packing;

/// <summary>The folder of packed weights that all processes on the machine share, and what is removed from it.</summary>
/// <remarks>
/// A file is marked as used at every start that maps it. When a new one is written, those go that were not used for
/// <see cref="UnusedMax"/>: they can be made again. A process that has mapped a file keeps it until it ends.
/// </remarks>
/// <param name="folder">The folder; null: the user's (<see cref="PackingOptions.CacheFolder"/>).</param>
/// <param name="time">The clock that says how long files were not used; null: the system's.</param>
public sealed class PackedWeightsCache(string? folder = null, TimeProvider? time = null)
{
    /// <summary>How long a file is kept that nobody uses: 30 days.</summary>
    public static readonly TimeSpan UnusedMax = TimeSpan.FromDays(30);

    private static readonly TimeSpan MarkEvery = TimeSpan.FromHours(1);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>The folder; it need not exist.</summary>
    /// <exception cref="RubatoException">The environment names no home to keep files in.</exception>
    public string Folder { get; } = folder ?? UserCacheFolder.For("weights");

    /// <summary>The packed files, the one used last first.</summary>
    /// <exception cref="RubatoException">The folder cannot be read.</exception>
    public ImmutableArray<PackedWeightsFile> List()
    {
        try
        {
            return Directory.Exists(Folder)
                ? [.. new DirectoryInfo(Folder).EnumerateFiles("*" + PackedFile.Suffix).Where(IsOurs).Select(Entry).OrderByDescending(entry => entry.LastUsed)]
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{Folder}: cannot be read: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Removes the files that were not used for a time; one that cannot be removed stays.</summary>
    /// <param name="unusedFor">Zero removes all.</param>
    /// <returns>What was removed.</returns>
    /// <exception cref="RubatoException">The folder cannot be read.</exception>
    public ImmutableArray<PackedWeightsFile> Remove(TimeSpan unusedFor)
    {
        var now = _time.GetUtcNow();
        return [.. List().Where(entry => (unusedFor <= TimeSpan.Zero || now - entry.LastUsed > unusedFor) && TryDelete(entry.Path))];
    }

    /// <summary>Marks a file as used now; a mark that cannot be made only brings its removal nearer.</summary>
    internal void Mark(string path)
    {
        try
        {
            var now = _time.GetUtcNow().UtcDateTime;
            if (now - File.GetLastWriteTimeUtc(path) > MarkEvery)
            {
                File.SetLastWriteTimeUtc(path, now);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another user's file, or a system that is read only.
        }
    }

    private static PackedWeightsFile Entry(FileInfo file) => new(file.FullName, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));

    /// <summary>Whether the file begins as ours do: the folder may be one that a user named.</summary>
    private static bool IsOurs(FileInfo file)
    {
        try
        {
            Span<byte> head = stackalloc byte[sizeof(ulong)];
            using var content = file.OpenRead();
            return content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && BinaryPrimitives.ReadUInt64LittleEndian(head) == PackedFile.Magic;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>A file of packed weights.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="LastUsed">When a process last mapped it, to about an hour.</param>
public sealed record PackedWeightsFile(string Path, long Bytes, DateTimeOffset LastUsed);
