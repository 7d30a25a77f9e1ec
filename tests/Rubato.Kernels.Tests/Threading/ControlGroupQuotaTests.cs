using CsCheck;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Threading;

public sealed class ControlGroupQuotaTests
{
    private const string Mounts2 = "24 1 0:22 / / rw - overlay overlay rw\n30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 master:1 - cgroup2 cgroup2 rw,nsdelegate\n";
    private const string Mounts1 =
        """
        31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        34 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory

        """;

    [Theory]
    [InlineData("max 100000", null)]
    [InlineData("200000 100000", 2.0)]
    [InlineData("150000 100000\n", 1.5)]
    [InlineData("50000 100000", 0.5)]
    [InlineData("", null)]
    [InlineData("0 100000", null)]
    [InlineData("-1 100000", null)]
    [InlineData("100000 0", null)]
    [InlineData("many 100000", null)]
    [InlineData("99999999999999999999 100000", null)]
    public void Version2_InAContainer_IsTheFileAtTheMountPoint(string file, double? expected) =>
        Assert.Equal(expected, Read("0::/\n", Mounts2, ("/sys/fs/cgroup/cpu.max", file)));

    [Fact]
    public void Version2_Nested_TheTightestOnThePathCounts()
    {
        const string membership = "0::/user.slice/app.scope/worker\n";
        Assert.Equal(1.5, Read(membership, Mounts2, ("/sys/fs/cgroup/user.slice/cpu.max", "150000 100000"), ("/sys/fs/cgroup/user.slice/app.scope/cpu.max", "max 100000"), ("/sys/fs/cgroup/user.slice/app.scope/worker/cpu.max", "400000 100000")));
        Assert.Equal(0.25, Read(membership, Mounts2, ("/sys/fs/cgroup/user.slice/cpu.max", "150000 100000"), ("/sys/fs/cgroup/user.slice/app.scope/worker/cpu.max", "2500 10000")));
        Assert.Null(Read(membership, Mounts2, ("/sys/fs/cgroup/other.slice/cpu.max", "1000 100000")));
    }

    [Fact]
    public void Version2_MountedFromAGroup_LooksBelowItOnly()
    {
        var mounts = Mounts2.Replace("0:26 / ", "0:26 /docker/abc ", StringComparison.Ordinal);
        Assert.Equal(3, Read("0::/docker/abc\n", mounts, ("/sys/fs/cgroup/cpu.max", "300000 100000")));
        Assert.Equal(2, Read("0::/docker/abc/job\n", mounts, ("/sys/fs/cgroup/cpu.max", "300000 100000"), ("/sys/fs/cgroup/job/cpu.max", "200000 100000")));
        // A view from another namespace: only what the mount point itself shows.
        Assert.Equal(3, Read("0::/../../elsewhere\n", Mounts2, ("/sys/fs/cgroup/cpu.max", "300000 100000"), ("/sys/fs/cgroup/../../elsewhere/cpu.max", "1 100000")));
    }

    [Theory]
    [InlineData("-1", "100000", null)]
    [InlineData("250000", "100000", 2.5)]
    [InlineData("10000", "20000", 0.5)]
    public void Version1_IsTheCpuController(string quota, string period, double? expected) => Assert.Equal(expected, Read(
        "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n",
        Mounts1,
        ("/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", quota),
        ("/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", period),
        ("/sys/fs/cgroup/memory/docker/abc/cpu.cfs_quota_us", "1"),
        ("/sys/fs/cgroup/memory/docker/abc/cpu.cfs_period_us", "100000")));

    [Fact]
    public void Version1_Nested_TheTightestOnThePathCounts() => Assert.Equal(1.25, Read(
        "3:cpu,cpuacct:/a/b\n",
        Mounts1,
        ("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "400000"),
        ("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000"),
        ("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "125000"),
        ("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000")));

    [Fact]
    public void NoControlGroups_NoQuota()
    {
        Assert.Null(ControlGroupQuota.Read(_ => null));
        Assert.Null(Read("", ""));
        Assert.Null(ControlGroupQuota.ReadFile("/no/such/file"));
        Assert.Null(ControlGroupQuota.ReadFile("/proc"));
    }

    /// <summary>Whatever these files hold, there is an answer, and it is a positive number or none.</summary>
    [Fact]
    public void DamagedFiles_NeverThrow() =>
        Gen.Select(Gen.String, Gen.String, Gen.String, Gen.Int[0, 200]).Sample((a, b, file, cut) =>
        {
            var membership = "0::/user.slice/x\n3:cpu:/y" + a;
            var quota = Read(membership[Math.Min(cut, membership.Length)..] + a, (b + Mounts2 + Mounts1)[..Math.Min(cut, Mounts2.Length)] + Mounts1, ("/sys/fs/cgroup/cpu.max", file));
            Assert.True(quota is null or > 0);
        }, iter: 500);

    [Theory]
    [InlineData(2, null, 2)]
    [InlineData(2, 1.99, 1)]
    [InlineData(8, 3.0, 3)]
    [InlineData(8, 0.3, 1)]
    [InlineData(2, 6.0, 2)]
    [InlineData(1, null, 1)]
    [InlineData(4096, null, 1024)]
    [InlineData(4096, 3000.5, 1024)]
    public void Threads_AreTheQuotaRoundedDownWithinTheProcessors(int processors, double? quota, int threads) =>
        Assert.Equal(threads, new AvailableProcessors(processors, quota).Threads);

    [Fact]
    public void Current_IsWithinWhatTheRuntimeSees()
    {
        var current = AvailableProcessors.Current;
        Assert.Equal(Environment.ProcessorCount, current.Processors);
        Assert.InRange(current.Threads, 1, Environment.ProcessorCount);
    }

    private static double? Read(string membership, string mounts, params (string Path, string Text)[] files)
    {
        var tree = files.ToDictionary(file => file.Path, file => file.Text);
        tree["/proc/self/cgroup"] = membership;
        tree["/proc/self/mountinfo"] = mounts;
        return ControlGroupQuota.Read(path => tree.GetValueOrDefault(path));
    }
}
