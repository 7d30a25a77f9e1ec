using Rubato.Core;
using Rubato.Hosting.Transfers;
using Rubato.Hosting.Transfers.Faults;
using Rubato.Kernels.Memory;
using Rubato.Serving.Transfers;

namespace Rubato.Hosting.Tests.Transfers;

/// <summary>
/// Ten thousand random orders against a shadow that executes them one by one in the order of submission. What conflicts is ordered by
/// <see cref="TransferOrder.After"/>, nothing else is; threads are delayed, copies fail, bits flip, orders are cancelled, all by seed.
/// </summary>
public sealed class TransferStressTests
{
    private const int DeviceBlocks = 40;
    private const int SwapBlocks = 60;

    [Theory]
    [InlineData(SwapTierKind.Ram, 1, 4096, 1)]
    [InlineData(SwapTierKind.Ram, 3, 9000, 3)]
    [InlineData(SwapTierKind.File, 1, 20_000, 2)]
    [InlineData(SwapTierKind.File, 4, 4000, 3)]
    public void RandomOrders_WithDelaysFaultsAndCancels_EqualTheShadow(SwapTierKind kind, int planes, int piece, int threads)
    {
        for (var seed = 1UL; seed <= (ulong)FuzzScale.Times(5); seed++)
        {
            var options = new TransferOptions
            {
                SliceBytes = 8192,
                Threads = threads,
                Verifies = true,
                Faults = new RandomTransferFaults(seed, failureShare: 0.01, corruptShare: 0.01, spinsMax: 2000),
            };
            var geometry = new BlockGeometry(planes, DeviceBlocks, piece);
            GuardedTier? guard = null;
            using var rig = new TransferRig(kind, geometry, SwapBlocks, options, wrap: tier => guard = new(tier, geometry));
            var shadow = new Shadow(rig, new Prng(seed));
            for (var i = 0; i < 500; i++)
            {
                shadow.Step();
            }

            shadow.Finish();
            Assert.Equal(0, guard!.Conflicts);
        }
    }

    /// <summary>What each block of both arenas should hold; null where nobody can know.</summary>
    private sealed class Shadow
    {
        private readonly TransferRig _rig;
        private readonly Prng _prng;
        private readonly ulong?[] _device = new ulong?[DeviceBlocks];
        private readonly ulong?[] _swap = new ulong?[SwapBlocks];
        private readonly SortedDictionary<long, (TransferOrder Order, EndedTransfer? End)> _orders = [];
        private long _ticket;
        private ulong _content;

        public Shadow(TransferRig rig, Prng prng)
        {
            _rig = rig;
            _prng = prng;
            for (var block = 0; block < DeviceBlocks; block++)
            {
                WriteLikeAModel(block);
            }
        }

        public void Step()
        {
            Drain();
            switch (_prng.NextInt32(8))
            {
                case 0:
                    WriteLikeAModel(_prng.NextInt32(DeviceBlocks));
                    break;
                case 1 when _ticket > 0:
                    _rig.Engine.Cancel(1 + (long)_prng.NextBelow((ulong)_ticket));
                    break;
                default:
                    Submit();
                    break;
            }

            if (_orders.Count >= 24)
            {
                Assert.True(_rig.Engine.WaitForEnd(Testing.Wait.Limit));
            }
        }

        public void Finish()
        {
            while (_orders.Count > 0)
            {
                Assert.True(_orders.Values.Any(order => order.End is null) && _rig.Engine.WaitForEnd(Testing.Wait.Limit));
                Drain();
            }

            Assert.Equal(0, _rig.Engine.Statistics.InFlight);
            for (var block = 0; block < DeviceBlocks; block++)
            {
                Assert.True(_device[block] is not { } content || _rig.Holds(block, content), $"block {block}");
            }
        }

        private void Submit()
        {
            var order = TransferRig.RandomOrder(_prng, ++_ticket, (TransferDirection)_prng.NextInt32(2), DeviceBlocks, SwapBlocks);
            order = order with { After = [.. _orders.Values.Where(other => other.End is null && Conflict(other.Order, order)).Select(other => other.Order.Ticket)] };
            _orders.Add(order.Ticket, (order, null));
            _rig.Engine.Submit(order);
        }

        /// <summary>As a step of the model would: only blocks that no transfer in flight reads or writes.</summary>
        private void WriteLikeAModel(int block)
        {
            if (_orders.Count == 0 || _orders.Values.All(other => !DeviceBlocksOf(other.Order).Contains(block)))
            {
                _device[block] = ++_content;
                _rig.Fill(block, _content);
            }
        }

        /// <summary>Takes ends as they come, and applies them in the order of submission.</summary>
        private void Drain()
        {
            while (_rig.Engine.TryTakeEnded(out var end))
            {
                var (order, earlier) = _orders[end.Ticket];
                Assert.Null(earlier);
                _orders[end.Ticket] = (order, end);
            }

            while (_orders.Count > 0 && _orders.First().Value is { End: { } end } first)
            {
                _orders.Remove(end.Ticket);
                Apply(first.Order, end);
            }
        }

        private void Apply(TransferOrder order, EndedTransfer end)
        {
            Assert.Equal(end.Outcome == TransferOutcome.Failed, end.Failure is not null);
            if (end.Outcome == TransferOutcome.Done)
            {
                Assert.Equal(order.Runs.Length * _rig.Geometry.Planes, end.Copies);
                Assert.Equal(order.Blocks * _rig.Geometry.BlockPayloadBytes, end.Bytes);
            }

            var (source, destination) = order.Direction == TransferDirection.Out ? (_device, _swap) : (_swap, _device);
            foreach (var run in order.Runs)
            {
                for (var i = 0; i < run.Count; i++)
                {
                    destination[run.Destination + i] = end.Outcome == TransferOutcome.Done ? source[run.Source + i] : null;
                }
            }
        }

        private static bool Conflict(TransferOrder a, TransferOrder b) =>
            (DeviceBlocksOf(a).Overlaps(DeviceBlocksOf(b)) && (a.Direction == TransferDirection.In || b.Direction == TransferDirection.In))
            || (SwapBlocksOf(a).Overlaps(SwapBlocksOf(b)) && (a.Direction == TransferDirection.Out || b.Direction == TransferDirection.Out));

        private static HashSet<int> DeviceBlocksOf(TransferOrder order) => Expand(order, order.Direction == TransferDirection.Out);

        private static HashSet<int> SwapBlocksOf(TransferOrder order) => Expand(order, order.Direction == TransferDirection.In);

        private static HashSet<int> Expand(TransferOrder order, bool sources) =>
            [.. order.Runs.SelectMany(run => Enumerable.Range(sources ? run.Source : run.Destination, run.Count))];
    }
}
