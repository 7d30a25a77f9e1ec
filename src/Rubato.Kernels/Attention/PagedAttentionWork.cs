using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.Activations;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Reductions;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Attention;

/// <summary>Attention cut into items of a few query rows and one key-value head; query heads that share it are handled together.</summary>
internal readonly unsafe struct PagedAttentionWork(
    WorkerGang gang, KvView cache, AttentionItem* items, int* blocks,
    float* queries, int queryStride, int heads, float* output, int positionsMax, AttentionRule rule, VectorWidth width) : IGangWork
{
    private readonly nint _scratch = gang.ScratchTable;
    private readonly KvView _cache = cache;
    private readonly AttentionItem* _items = items;
    private readonly int* _blocks = blocks;
    private readonly float* _queries = queries;
    private readonly int _queryStride = queryStride;
    private readonly int _heads = heads;
    private readonly float* _output = output;
    private readonly int _positionsMax = positionsMax;
    private readonly AttentionRule _rule = rule;
    private readonly VectorWidth _width = width;

    public void Execute(int item, int worker)
    {
        var scratch = new AttentionScratch(((float**)_scratch)[worker], _cache.HeadStride, _cache.BlockTokens, _positionsMax);
        var rows = _items[item / _cache.Heads];
        var head = item % _cache.Heads;
        var group = _heads / _cache.Heads;

        // Vector v is query head v mod group of row v / group: all of them read the same keys and values.
        for (var vector = 0; vector < rows.Rows * group; vector += AttentionScratch.Vectors)
        {
            var vectors = Math.Min(AttentionScratch.Vectors, (rows.Rows * group) - vector);
            LoadQueries(rows, head, vector, vectors, scratch);
            switch (_width)
            {
                case VectorWidth.Bits512:
                    Attend<Tile512, Simd512, Vector512<float>>(rows, head, vector, vectors, scratch);
                    break;
                case VectorWidth.Bits256:
                    Attend<Tile256, Simd256, Vector256<float>>(rows, head, vector, vectors, scratch);
                    break;
                case VectorWidth.Bits128:
                    Attend<Tile128, Simd128, Vector128<float>>(rows, head, vector, vectors, scratch);
                    break;
                default:
                    Attend<TileScalar, Simd128, Vector128<float>>(rows, head, vector, vectors, scratch);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LoadQueries(AttentionItem rows, int head, int vector, int vectors, AttentionScratch scratch)
    {
        var padded = (vectors + AttentionScratch.TileVectors - 1) & -AttentionScratch.TileVectors;
        new Span<float>(scratch.Queries, padded * _cache.HeadStride).Clear();
        new Span<float>(scratch.Output, padded * _cache.HeadStride).Clear();
        var group = _heads / _cache.Heads;
        for (var i = 0; i < vectors; i++)
        {
            var row = rows.FirstRow + ((vector + i) / group);
            var query = _queries + ((nint)row * _queryStride) + (((head * group) + ((vector + i) % group)) * _cache.HeadDimension);
            new ReadOnlySpan<float>(query, _cache.HeadDimension).CopyTo(new(scratch.Queries + (i * _cache.HeadStride), _cache.HeadDimension));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Attend<TTile, TSimd, TVector>(AttentionItem rows, int head, int vector, int vectors, AttentionScratch scratch)
        where TTile : ITile
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var group = _heads / _cache.Heads;
        var first = stackalloc int[AttentionScratch.Vectors];
        var seen = stackalloc int[AttentionScratch.Vectors];
        var sums = stackalloc float[AttentionScratch.Vectors];
        for (var i = 0; i < vectors; i++)
        {
            // Positions first … seen − 1; both rise with i.
            seen[i] = rows.Start + ((vector + i) / group) + 1;
            first[i] = _rule.Window > 0 ? Math.Max(seen[i] - _rule.Window, 0) : 0;
        }

        Score<TTile>(rows.FirstBlock, head, vectors, first[0], seen[vectors - 1], scratch);
        for (var i = 0; i < vectors; i++)
        {
            var scores = scratch.ScoresOf(i) + first[i];
            sums[i] = Numerators(scores, seen[i] - first[i]);
        }

        AddValues<TSimd, TVector>(rows.FirstBlock, head, vectors, first, seen, scratch);
        for (var i = 0; i < vectors; i++)
        {
            var row = rows.FirstRow + ((vector + i) / group);
            var target = _output + (((nint)row * _heads) + (head * group) + ((vector + i) % group)) * _cache.HeadDimension;
            var factor = 1 / sums[i];
            for (var d = 0; d < _cache.HeadDimension; d++)
            {
                target[d] = scratch.Output[(i * _cache.HeadStride) + d] * factor;
            }
        }
    }

    /// <summary>Softmax numerators in place of scores; returns their sum.</summary>
    private float Numerators(float* scores, int count)
    {
        if (_rule.SoftCap == 0)
        {
            return Softmax.Numerators(scores, count, _rule.Scale, scores, _width);
        }

        SoftCap.Apply(scores, count, _rule.Scale, _rule.SoftCap, _width);
        return Softmax.Numerators(scores, count, 1, scores, _width);
    }

    /// <summary>Scores of all positions of the blocks from that of <paramref name="start"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score<TTile>(int firstBlock, int head, int vectors, int start, int positions, AttentionScratch scratch)
        where TTile : ITile
    {
        var stride = _cache.HeadStride;
        for (var first = start - (start % _cache.BlockTokens); first < positions; first += _cache.BlockTokens)
        {
            var count = Math.Min(_cache.BlockTokens, positions - first);
            var keys = Floats(_cache.Keys(_blocks[firstBlock + (first / _cache.BlockTokens)], head), count, scratch);
            for (var key = 0; key < count; key += TTile.Outputs)
            {
                for (var vector = 0; vector < vectors; vector += TTile.Tokens)
                {
                    TTile.Multiply(
                        scratch.Queries + (vector * stride), stride, Math.Min(TTile.Tokens, vectors - vector),
                        keys + (key * stride), stride, Math.Min(TTile.Outputs, count - key), stride,
                        scratch.ScoresOf(vector) + first + key, scratch.ScoreStride, false);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddValues<TSimd, TVector>(int firstBlock, int head, int vectors, int* first, int* seen, AttentionScratch scratch)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var last = seen[vectors - 1];
        for (var block = first[0] - (first[0] % _cache.BlockTokens); block < last; block += _cache.BlockTokens)
        {
            var end = Math.Min(block + _cache.BlockTokens, last);
            var values = Floats(_cache.Values(_blocks[firstBlock + (block / _cache.BlockTokens)], head), end - block, scratch);
            for (var vector = 0; vector < vectors; vector += AttentionScratch.TileVectors)
            {
                AddTile<TSimd, TVector>(vector, Math.Min(AttentionScratch.TileVectors, vectors - vector), first, seen, values, block, end, scratch);
            }
        }
    }

    /// <summary>Adds the values of a block for up to four vectors: positions that all of them see at once, those before and after for each alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTile<TSimd, TVector>(
        int vector, int vectors, int* first, int* seen, float* values, int block, int end, AttentionScratch scratch)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var last = vector + vectors - 1;
        var (commonStart, commonEnd) = (Math.Max(first[last], block), Math.Min(seen[vector], end));
        if (vectors == 1 || commonEnd <= commonStart)
        {
            commonStart = commonEnd = end;
        }

        for (var i = vector; i <= last; i++)
        {
            AddOwn<TSimd, TVector>(i, Math.Max(first[i], block), Math.Min(seen[i], commonStart), values, block, scratch);
        }

        if (commonEnd > commonStart)
        {
            // Vectors that are not there add nothing: their factors are zeros and nobody reads their sums.
            for (var i = last + 1; i < vector + AttentionScratch.TileVectors; i++)
            {
                new Span<float>(scratch.ScoresOf(i) + commonStart, commonEnd - commonStart).Clear();
            }

            Add<TSimd, TVector, FourRows>(
                scratch.ScoresOf(vector) + commonStart, scratch.ScoreStride, values + ((commonStart - block) * _cache.HeadStride),
                commonEnd - commonStart, scratch.Output + (vector * _cache.HeadStride));
        }

        for (var i = vector; i <= last; i++)
        {
            AddOwn<TSimd, TVector>(i, Math.Max(first[i], commonEnd), Math.Min(seen[i], end), values, block, scratch);
        }
    }

    /// <summary>Adds the values of positions start … end − 1, which lie in the block at <paramref name="block"/>, for one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddOwn<TSimd, TVector>(int vector, int start, int end, float* values, int block, AttentionScratch scratch)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        if (end > start)
        {
            Add<TSimd, TVector, OneRow>(
                scratch.ScoresOf(vector) + start, scratch.ScoreStride,
                values + ((start - block) * _cache.HeadStride), end - start, scratch.Output + (vector * _cache.HeadStride));
        }
    }

    /// <summary>Rows of a block as floats: in place, or decoded into scratch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Floats(byte* rows, int count, AttentionScratch scratch) =>
        KvRows.Floats(rows, _cache.Format, count * _cache.HeadStride, scratch.Rows, _width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add<TSimd, TVector, TRows>(float* factors, int factorStride, float* values, int count, float* output)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TRows : ITileRows
    {
        if (_width == VectorWidth.Scalar)
        {
            ValueSum.AddScalar(factors, factorStride, TRows.Rows, values, _cache.HeadStride, count, output);
            return;
        }

        ValueSum.Add<TSimd, TVector, TRows>(factors, factorStride, values, _cache.HeadStride, count, output);
    }
}
