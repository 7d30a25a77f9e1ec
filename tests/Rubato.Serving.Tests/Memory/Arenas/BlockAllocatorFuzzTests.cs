using System.Diagnostics;
using Rubato.Core;
using Rubato.Serving.Memory.Arenas;

namespace Rubato.Serving.Tests.Memory.Arenas;

public sealed class BlockAllocatorFuzzTests(ITestOutputHelper output)
{
    private const int DeviceBlocks = 2160;
    private const int SwapBlocks = 28_610;

    [Theory]
    [InlineData("groups", DeviceBlocks, 500_000)]
    [InlineData("groups", SwapBlocks, 500_000)]
    [InlineData("groups", 1, 1000)]
    [InlineData("buddy", DeviceBlocks, 150_000)]
    [InlineData("buddy", SwapBlocks, 150_000)]
    [InlineData("buddy", 1, 1000)]
    [InlineData("stack", DeviceBlocks, 150_000)]
    [InlineData("stack", SwapBlocks, 150_000)]
    public void AnyOperations_KeepEveryBlockInOnePlace(string name, int total, int operations)
    {
        var arena = BlockAllocators.Create(name, total);
        var fuzz = new ArenaFuzz(arena, new(Prng.Mix(0xF022, (ulong)total)));
        fuzz.Run(FuzzScale.Times(operations));
        Assert.True(total == SwapBlocks || fuzz.Refusals > 100, $"only {fuzz.Refusals} allocations were refused");
        fuzz.ReleaseAll();
        AssertAsNew(arena);

        fuzz.Durations.Sort();
        var p99 = Stopwatch.GetElapsedTime(0, fuzz.Durations[fuzz.Durations.Count * 99 / 100]);
        output.WriteLine($"{name} of {total}: {fuzz.Refusals} of {fuzz.Durations.Count} operations refused, p99 {p99.TotalMicroseconds} µs");
    }

    /// <summary>Admission sees the same capacity whichever allocator decides where blocks lie.</summary>
    [Fact]
    public void AllAllocators_AdmitTheSame()
    {
        var prng = new Prng(0xAD317);
        var arenas = BlockAllocators.Names.Select(name => BlockAllocators.Create(name, 500)).ToArray();
        var tables = arenas.Select(_ => new Dictionary<int, List<BlockRun>>()).ToArray();
        var (admitted, refused) = (0, 0);
        for (var step = 0; step < FuzzScale.Times(20_000); step++)
        {
            var owner = prng.NextInt32(12);
            var count = prng.NextInt32(1, 60);
            var release = prng.Chance(1, 6);
            var reserve = prng.NextInt32(10);
            var answers = arenas.Zip(tables, (arena, table) =>
            {
                var blocks = table.TryGetValue(owner, out var known) ? known : table[owner] = [];
                if (release)
                {
                    arena.Trim(owner);
                    blocks.ForEach(arena.Free);
                    blocks.Clear();
                }

                arena.Reserve(owner, reserve);
                return (arena.TryAllocate(owner, count, blocks), arena.FreeBlocks + arena.SpareBlocks);
            }).Distinct();
            var (given, _) = Assert.Single(answers);
            admitted += given ? 1 : 0;
            refused += given ? 0 : 1;
        }

        Assert.True(admitted > 1000 && refused > 1000, $"{admitted} admitted, {refused} refused");
    }

    /// <summary>After everything is back, an allocator gives what a new one gives: all neighbours have grown together.</summary>
    private static void AssertAsNew(IBlockAllocator arena)
    {
        if (arena.Name == BlockAllocators.Stack)
        {
            return;
        }

        var (granted, expected) = (new List<BlockRun>(), new List<BlockRun>());
        Assert.True(arena.TryAllocate(-1, arena.Total, granted));
        Assert.True(BlockAllocators.Create(arena.Name, arena.Total).TryAllocate(-1, arena.Total, expected));
        Assert.Equal(expected, granted);
        arena.Free(new(0, arena.Total));
        for (var part = 1; part <= arena.Total; part *= 3)
        {
            granted.Clear();
            expected.Clear();
            Assert.True(arena.TryAllocate(part, part, granted));
            Assert.True(BlockAllocators.Create(arena.Name, arena.Total).TryAllocate(part, part, expected));
            Assert.Equal(expected, granted);
            granted.ForEach(arena.Free);
        }
    }
}
