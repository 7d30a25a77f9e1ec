using Rubato.Core;
using Rubato.Serving.Memory.Arenas;
using Rubato.Serving.Transfers;

namespace Rubato.Simulation.Serving.Granularity;

/// <summary>What an allocator is worth when contexts are switched: half of the batch leaves in every round, others come back, all grow meanwhile.</summary>
/// <remarks>
/// A round: everybody on the device grows, block by block and in turns, as decoding does; one in ten is finished and gone; a random half of
/// the others is copied out; then those who wait the longest are copied in, or begin, until the device is as full as it is meant to be.
/// A copy frees its source: nothing is kept in both arenas.
/// </remarks>
public sealed class GranularityStudy
{
    private const int BlockTokens = 16;
    private const double ContextTokensLogMean = 6.5;
    private const double ContextTokensLogDeviation = 0.8;
    private const int ContextTokensMax = 3500;
    private const int GrowthBlocksMax = 4;
    private const int WaitingPerDevice = 3;

    private readonly GranularityParameters _parameters;
    private readonly IBlockAllocator _device;
    private readonly IBlockAllocator _swap;
    private readonly Prng _prng;
    private readonly List<Context> _resident = [];
    private readonly Queue<Context> _waiting = new();
    private readonly List<CopyRun> _copies = [];
    private long _owners;
    private long _switches;
    private long _blocks;
    private long _runs;

    private GranularityStudy(GranularityParameters parameters)
    {
        _parameters = parameters;
        _device = BlockAllocators.Create(parameters.Allocator, parameters.DeviceBlocks, parameters.Groups);
        _swap = BlockAllocators.Create(parameters.Allocator, parameters.SwapBlocks, parameters.Groups);
        _prng = new(parameters.Seed);
    }

    private int UsedBlocks => _device.Total - _device.FreeBlocks - _device.SpareBlocks;

    /// <summary>Runs the workload; the same numbers on every machine.</summary>
    /// <exception cref="InvalidOptionException">A parameter is out of range.</exception>
    public static GranularityResult Run(GranularityParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Occupancy is not (> 0 and < 1))
        {
            throw new InvalidOptionException($"An occupancy of {parameters.Occupancy} is out of range; it lies between 0 and 1.");
        }

        if (parameters.Rounds is < 1 or > 1_000_000)
        {
            throw new InvalidOptionException($"{parameters.Rounds} rounds are out of range; take 1…1,000,000.");
        }

        return new GranularityStudy(parameters).Run();
    }

    private GranularityResult Run()
    {
        var occupancy = 0.0;
        var reserved = 0.0;
        for (var round = -_parameters.Rounds / 4; round < _parameters.Rounds; round++)
        {
            if (round == 0)
            {
                (_switches, _blocks, _runs, occupancy, reserved) = (0, 0, 0, 0, 0);
            }

            Grow();
            Finish();
            CopyHalfOut();
            Fill();
            occupancy += (double)UsedBlocks / _device.Total;
            reserved += (double)_device.SpareBlocks / _device.Total;
        }

        return new(_switches, _blocks, Math.Max(1, _runs), occupancy / _parameters.Rounds, reserved / _parameters.Rounds);
    }

    private void Grow()
    {
        foreach (var context in _resident)
        {
            context.Growth = _prng.NextInt32(GrowthBlocksMax + 1);
        }

        for (var step = 0; step < GrowthBlocksMax; step++)
        {
            foreach (var context in _resident)
            {
                if (step < context.Growth && _device.TryAllocate(context.Owner, 1, context.Table))
                {
                    context.Blocks++;
                }
            }
        }
    }

    private void Finish()
    {
        for (var index = _resident.Count - 1; index >= 0; index--)
        {
            if (_prng.Chance(1, 10))
            {
                Release(_device, _resident[index]);
                _resident.RemoveAt(index);
            }
        }
    }

    private void CopyHalfOut()
    {
        _prng.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_resident));
        for (var count = _resident.Count / 2; count > 0; count--)
        {
            var context = _resident[^1];
            _resident.RemoveAt(_resident.Count - 1);
            if (TryMove(context, _device, _swap))
            {
                _waiting.Enqueue(context);
            }
            else
            {
                Release(_device, context);
            }
        }
    }

    private void Fill()
    {
        while (true)
        {
            var next = _waiting.Count > WaitingPerDevice * _resident.Count ? _waiting.Peek() : null;
            var blocks = next?.Blocks ?? DrawBlocks();
            if (UsedBlocks + blocks > _parameters.Occupancy * _device.Total)
            {
                return;
            }

            if (next is null)
            {
                var fresh = new Context(_owners++) { Blocks = blocks };
                _device.TryAllocate(fresh.Owner, blocks, fresh.Table);
                _resident.Add(fresh);
            }
            else if (TryMove(next, _swap, _device))
            {
                _resident.Add(_waiting.Dequeue());
            }
        }
    }

    private int DrawBlocks()
    {
        var tokens = DeterministicMath.Exp(_prng.NextNormal(ContextTokensLogMean, ContextTokensLogDeviation));
        return 1 + ((int)Math.Min(tokens, ContextTokensMax) / BlockTokens);
    }

    private bool TryMove(Context context, IBlockAllocator from, IBlockAllocator to)
    {
        var destination = new List<BlockRun>();
        if (!to.TryAllocate(context.Owner, context.Blocks, destination))
        {
            return false;
        }

        _copies.Clear();
        foreach (var (source, target) in Expand(context.Table).Zip(Expand(destination)))
        {
            CopyRuns.Append(_copies, source, target);
        }

        _switches++;
        _blocks += context.Blocks;
        _runs += _copies.Count;
        Release(from, context);
        context.Table = destination;
        return true;
    }

    private static void Release(IBlockAllocator arena, Context context)
    {
        arena.Trim(context.Owner);
        context.Table.ForEach(arena.Free);
    }

    private static IEnumerable<int> Expand(List<BlockRun> runs) => runs.SelectMany(run => Enumerable.Range(run.Start, run.Count));

    /// <summary>One conversation.</summary>
    private sealed class Context(long owner)
    {
        public long Owner => owner;

        public int Blocks { get; set; }

        /// <summary>Its blocks in the arena where it is.</summary>
        public List<BlockRun> Table { get; set; } = [];

        /// <summary>Blocks it needs in this round.</summary>
        public int Growth { get; set; }
    }
}
