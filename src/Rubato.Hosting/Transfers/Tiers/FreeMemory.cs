using System.Globalization;

namespace Rubato.Hosting.Transfers.Tiers;

/// <summary>How much memory there is: all that this process may use, and what is free now.</summary>
internal static class FreeMemory
{
    /// <summary>The machine's memory, or the container's limit if that is less.</summary>
    public static long Limit => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>What can be taken now without swapping, as Linux estimates it; the limit elsewhere.</summary>
    public static long Now
    {
        get
        {
            try
            {
                foreach (var line in File.ReadLines("/proc/meminfo"))
                {
                    if (line.StartsWith("MemAvailable:", StringComparison.Ordinal)
                        && long.TryParse(line.AsSpan("MemAvailable:".Length).TrimEnd("kB "), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var kibibytes))
                    {
                        return Math.Min(Limit, kibibytes * 1024);
                    }
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // No such file: another system, or one that hides it.
            }

            return Limit;
        }
    }
}
