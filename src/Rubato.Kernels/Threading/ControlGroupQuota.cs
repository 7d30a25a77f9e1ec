using System.Globalization;
using System.Text;

namespace Rubato.Kernels.Threading;

/// <summary>
/// The CPU quota of the Linux control groups that this process is in: cpu.max of version 2, cpu.cfs_quota_us of version 1. A group's limit
/// binds all groups below it, so the tightest one on the way up counts.
/// </summary>
internal static class ControlGroupQuota
{
    private const int FileBytesMax = 1 << 20;
    private const int DepthMax = 64;

    /// <summary>CPU seconds per second; null without a limit, or where there are no control groups.</summary>
    /// <param name="read">The text of a file; null when it cannot be read.</param>
    public static double? Read(Func<string, string?> read)
    {
        if (read("/proc/self/cgroup") is not { } memberships || read("/proc/self/mountinfo") is not { } mounts)
        {
            return null;
        }

        double? tightest = null;
        foreach (var membership in Lines(memberships))
        {
            // hierarchy:controllers:path, where version 2 is hierarchy 0 without controllers.
            if (membership.Split(':', 3) is not [var hierarchy, var controllers, var path])
            {
                continue;
            }

            var version2 = hierarchy == "0" && controllers.Length == 0;
            if (!version2 && !controllers.Split(',').Contains("cpu"))
            {
                continue;
            }

            foreach (var mount in Lines(mounts).Select(line => Mount.Parse(line, version2)).OfType<Mount>())
            {
                tightest = Tighter(tightest, TightestOnPath(read, mount, path, version2));
            }
        }

        return tightest;
    }

    /// <summary>The text of a file of the system; null when it is not there, too long, or closed to us.</summary>
    public static string? ReadFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
            var bytes = new byte[FileBytesMax];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length < bytes.Length ? Encoding.UTF8.GetString(bytes, 0, length) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    private static double? TightestOnPath(Func<string, string?> read, Mount mount, string path, bool version2)
    {
        double? tightest = null;
        var groups = mount.GroupsTo(path);
        for (var depth = Math.Min(groups.Length, DepthMax); depth >= 0; depth--)
        {
            var folder = string.Join('/', groups.Take(depth).Prepend(mount.Folder));
            tightest = Tighter(tightest, version2 ? QuotaOfVersion2(read, folder) : QuotaOfVersion1(read, folder));
        }

        return tightest;
    }

    /// <summary>"max 100000" or "150000 100000": microseconds in a period.</summary>
    private static double? QuotaOfVersion2(Func<string, string?> read, string folder) =>
        read(folder + "/cpu.max")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var quota, var period] ? Ratio(quota, period) : null;

    private static double? QuotaOfVersion1(Func<string, string?> read, string folder) =>
        read(folder + "/cpu.cfs_quota_us") is { } quota && read(folder + "/cpu.cfs_period_us") is { } period ? Ratio(quota, period) : null;

    /// <summary>Null when there is no limit (max, or −1) or the numbers make no sense.</summary>
    private static double? Ratio(string quota, string period) =>
        long.TryParse(quota.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var part) && part > 0
        && long.TryParse(period.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var whole) && whole > 0
            ? (double)part / whole
            : null;

    private static double? Tighter(double? a, double? b) => a is { } x && b is { } y ? Math.Min(x, y) : a ?? b;

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Where a hierarchy of control groups is mounted.</summary>
    /// <param name="Root">The group that the folder shows.</param>
    /// <param name="Folder">Where.</param>
    private sealed record Mount(string Root, string Folder)
    {
        /// <summary>Reads a line of mountinfo: id, parent, device, root, mount point, options, optional fields, -, type, source, options.</summary>
        public static Mount? Parse(string line, bool version2)
        {
            var separator = line.IndexOf(" - ", StringComparison.Ordinal);
            if (separator < 0)
            {
                return null;
            }

            var (place, kind) = (line[..separator].Split(' '), line[(separator + 3)..].Split(' '));
            var fits = place.Length >= 6 && kind.Length >= 3
                && (version2 ? kind[0] == "cgroup2" : kind[0] == "cgroup" && kind[2].Split(',').Contains("cpu"));
            return fits ? new(Unescape(place[3]), Unescape(place[4]).TrimEnd('/')) : null;
        }

        /// <summary>The groups from the folder down to <paramref name="path"/>; none when it lies outside (another namespace's view).</summary>
        public string[] GroupsTo(string path)
        {
            var (root, groups) = (Split(Root), Split(path));
            return groups.Contains("..") || root.Contains("..") || !groups.Take(root.Length).SequenceEqual(root) ? [] : groups[root.Length..];
        }

        private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

        /// <summary>Blanks, tabs, line feeds and backslashes are written as three octal digits.</summary>
        private static string Unescape(string text) =>
            text.Replace("\\040", " ").Replace("\\011", "\t").Replace("\\012", "\n").Replace("\\134", "\\");
    }
}
