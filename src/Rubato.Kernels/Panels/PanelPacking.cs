using System.Runtime.CompilerServices;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Panels;

/// <summary>Blocks of a file to panels, some panels to an item.</summary>
internal unsafe struct PanelPacking(WeightView source, PanelLayout layout, byte* target, int panelsPerItem, int* firstBadOutput) : IGangWork
{
    private const int HalfInfinity = 0x7c00;

    public readonly void Execute(int item, int worker)
    {
        var end = Math.Min((item + 1) * panelsPerItem, (int)layout.Panels(source.Outputs));
        PanelFormatTable.Run<Range, bool>(source.Format, new(source, layout, target, item * panelsPerItem, end, firstBadOutput));
    }

    private readonly struct Range(WeightView source, PanelLayout layout, byte* target, int begin, int end, int* firstBadOutput) : IPanelAction<bool>
    {
        public bool Run<TFormat>()
            where TFormat : struct, IPanelFormat
        {
            for (var panel = begin; panel < end; panel++)
            {
                Pack<TFormat>(panel);
            }

            return true;
        }

        private void Pack<TFormat>(int panel)
            where TFormat : struct, IPanelFormat
        {
            var start = target + (panel * layout.PanelBytes);
            new Span<byte>(start, (int)layout.PanelBytes).Clear();
            var blockBytes = source.Format.BlockBytes();
            PanelBlock parts;
            for (var lane = 0; lane < layout.Rows; lane++)
            {
                var output = (panel * layout.Rows) + lane;
                if (output >= source.Outputs)
                {
                    return;
                }

                var row = source.Row(output);
                for (var block = 0; block < source.Inputs / TFormat.BlockLength; block++)
                {
                    TFormat.Take(row + (block * blockBytes), &parts);
                    if (!IsFinite(parts.Scale) || (TFormat.HasOffset && !IsFinite(parts.Offset)))
                    {
                        ReportBad(output);
                    }

                    Write<TFormat>(start, block, lane, &parts);
                }
            }
        }

        private void Write<TFormat>(byte* panel, int block, int lane, PanelBlock* parts)
            where TFormat : struct, IPanelFormat
        {
            var (rows, groups) = (layout.Rows, TFormat.BlockLength / TFormat.GroupLength);
            var head = panel + (block * layout.HeadBytes);
            Unsafe.WriteUnaligned(head + (2 * lane), parts->Scale);
            if (TFormat.HasOffset)
            {
                Unsafe.WriteUnaligned(head + (2 * rows) + (2 * lane), parts->Offset);
            }

            var factors = head + ((TFormat.HasOffset ? 4 : 2) * rows) + lane;
            for (var group = 0; TFormat.Factors != PanelFactors.None && group < groups; group++)
            {
                factors[group * rows] = parts->Factors[group];
                if (TFormat.Factors == PanelFactors.Pairs)
                {
                    factors[(groups + group) * rows] = parts->OffsetFactors[group];
                }
            }

            var codes = panel + layout.CodesStart + ((long)block * (TFormat.BlockLength / 32) * layout.ChunkBytes) + (4 * lane);
            for (var chunk = 0; chunk < TFormat.BlockLength / 32; chunk++)
            {
                PanelCodes.Write((uint*)(parts->Codes + (32 * chunk)), TFormat.CodeBits, codes + (chunk * layout.ChunkBytes), 4 * rows);
            }
        }

        private static bool IsFinite(ushort half) => (half & HalfInfinity) != HalfInfinity;

        private void ReportBad(int output)
        {
            ref var first = ref Unsafe.AsRef<int>(firstBadOutput);
            for (var seen = Volatile.Read(ref first); output < seen; seen = Volatile.Read(ref first))
            {
                Interlocked.CompareExchange(ref first, output, seen);
            }
        }
    }
}
