using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>256 numbers as d · s · q − m · t: s and t small integers of each group, d and m of all.</summary>
internal ref struct AffineSuperBlock
{
    private const int Rounds = 2;

    private readonly ReadOnlySpan<float> _values;
    private readonly Span<byte> _scales;
    private readonly Span<byte> _offsets;
    private readonly int _groupLength;
    private readonly int _codeMax;
    private readonly int _factorMax;
    private readonly WeightFormat _format;

    private AffineSuperBlock(
        ReadOnlySpan<float> values, Span<byte> scales, Span<byte> offsets, int codeMax, int factorMax, WeightFormat format)
    {
        _values = values;
        _scales = scales;
        _offsets = offsets;
        _groupLength = values.Length / scales.Length;
        _codeMax = codeMax;
        _factorMax = factorMax;
        _format = format;
    }

    /// <summary>d, in half precision.</summary>
    public Half Scale { get; private set; }

    /// <summary>m, in half precision.</summary>
    public Half Offset { get; private set; }

    /// <summary>Chooses all factors.</summary>
    /// <param name="values">256 finite numbers.</param>
    /// <param name="scales">Takes s of each group; its length is the number of groups.</param>
    /// <param name="offsets">Takes t of each group.</param>
    /// <param name="codeMax">The largest code.</param>
    /// <param name="factorMax">The largest factor.</param>
    /// <param name="format">The block's format, for messages.</param>
    public static AffineSuperBlock Of(
        ReadOnlySpan<float> values, Span<byte> scales, Span<byte> offsets, int codeMax, int factorMax, WeightFormat format)
    {
        var block = new AffineSuperBlock(values, scales, offsets, codeMax, factorMax, format);
        Span<AffineFit> fits = stackalloc AffineFit[scales.Length];
        var (scaleMax, offsetMax) = (0f, 0f);
        for (var group = 0; group < fits.Length; group++)
        {
            fits[group] = AffineFit.Of(block.Vectors(group), block.Values(group), codeMax);
            scaleMax = Math.Max(scaleMax, fits[group].Scale);
            offsetMax = Math.Max(offsetMax, -fits[group].Offset);
        }

        block.Set(scaleMax / factorMax, offsetMax / factorMax);
        var error = block.ChooseFactors(fits);
        for (var round = 0; round < Rounds; round++)
        {
            block.Improve(fits, ref error);
        }

        return block;
    }

    /// <summary>The codes of all numbers under the factors chosen.</summary>
    public readonly void Codes(Span<byte> codes)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            var group = i / _groupLength;
            var scale = (float)Scale * _scales[group];
            var code = MathF.Round((_values[i] + ((float)Offset * _offsets[group])) * StoredScale.Inverse(scale));
            codes[i] = (byte)Math.Clamp(code, 0, _codeMax);
        }
    }

    private readonly ReadOnlySpan<float> Values(int group) => _values.Slice(group * _groupLength, _groupLength);

    private readonly ReadOnlySpan<Vector256<float>> Vectors(int group) => MemoryMarshal.Cast<float, Vector256<float>>(Values(group));

    private void Set(float scale, float offset)
    {
        var peak = StoredScale.Peak(_values);
        Scale = StoredScale.Round(scale, _format, peak);
        Offset = StoredScale.Round(offset, _format, peak);
    }

    /// <summary>Chooses s and t of each group among the neighbours of its fit; answers the squared error of all.</summary>
    private readonly float ChooseFactors(scoped ReadOnlySpan<AffineFit> fits)
    {
        var total = 0f;
        var (d, m) = ((float)Scale, (float)Offset);
        for (var group = 0; group < fits.Length; group++)
        {
            var x = Vectors(group);
            var scale = Nearest(fits[group].Scale, d);
            var offset = Nearest(-fits[group].Offset, m);
            var best = float.PositiveInfinity;
            for (var s = Math.Max(scale - 1, 0); s <= Math.Min(scale + 1, _factorMax); s++)
            {
                for (var t = Math.Max(offset - 1, 0); t <= Math.Min(offset + 1, _factorMax); t++)
                {
                    var error = GroupSums.Error(x, d * s, -m * t, 0, _codeMax);
                    if (error < best)
                    {
                        (best, _scales[group], _offsets[group]) = (error, (byte)s, (byte)t);
                    }
                }
            }

            total += best;
        }

        return total;
    }

    private readonly int Nearest(float value, float unit) => (int)Math.Clamp(MathF.Round(value * StoredScale.Inverse(unit)), 0, _factorMax);

    /// <summary>Solves for d and m with all integers fixed, chooses the factors again, and keeps the result if it is better.</summary>
    private void Improve(scoped ReadOnlySpan<AffineFit> fits, ref float error)
    {
        Span<byte> before = stackalloc byte[2 * _scales.Length];
        _scales.CopyTo(before);
        _offsets.CopyTo(before[_scales.Length..]);
        var (scale, offset) = (Scale, Offset);
        var (d, m) = Solve();
        if (!(d > 0 && m >= 0))
        {
            return;
        }

        Set(d, m);
        var changed = ChooseFactors(fits);
        if (changed < error)
        {
            error = changed;
            return;
        }

        (Scale, Offset) = (scale, offset);
        before[.._scales.Length].CopyTo(_scales);
        before[_scales.Length..].CopyTo(_offsets);
    }

    /// <summary>The d and m of least squared error for the present factors and codes.</summary>
    private readonly (float D, float M) Solve()
    {
        double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
        for (var group = 0; group < _scales.Length; group++)
        {
            double s = _scales[group];
            double t = _offsets[group];
            var scale = (float)Scale * _scales[group];
            var (q, qq, xq) = GroupSums.OfCodes(Vectors(group), StoredScale.Inverse(scale), -(float)Offset * _offsets[group], 0, _codeMax);
            var (x, _) = GroupSums.OfNumbers(Vectors(group));
            aa += s * s * qq;
            ab -= s * t * q;
            bb += t * t * _groupLength;
            ax += s * xq;
            bx -= t * x;
        }

        var determinant = (aa * bb) - (ab * ab);
        return determinant > 0
            ? ((float)(((ax * bb) - (bx * ab)) / determinant), (float)(((bx * aa) - (ax * ab)) / determinant))
            : (aa > 0 ? (float)(ax / aa) : 0, 0);
    }
}
