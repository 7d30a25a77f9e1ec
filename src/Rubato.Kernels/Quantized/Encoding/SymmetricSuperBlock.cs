using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Rubato.Kernels.MatrixProducts;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>256 numbers in groups of 16 as d · s · q: s a small signed integer of each group, d of all.</summary>
internal ref struct SymmetricSuperBlock
{
    private const int Rounds = 2;
    private const int Groups = 16;

    private readonly ReadOnlySpan<float> _values;
    private readonly Span<sbyte> _scales;
    private readonly int _codes;
    private readonly int _factors;
    private readonly WeightFormat _format;

    private SymmetricSuperBlock(ReadOnlySpan<float> values, Span<sbyte> scales, int codes, int factors, WeightFormat format)
    {
        _values = values;
        _scales = scales;
        _codes = codes;
        _factors = factors;
        _format = format;
    }

    /// <summary>d, in half precision.</summary>
    public Half Scale { get; private set; }

    /// <summary>Chooses all factors.</summary>
    /// <param name="values">256 finite numbers.</param>
    /// <param name="scales">Takes s of each of 16 groups, −factors … factors − 1.</param>
    /// <param name="codes">Codes are −codes … codes − 1.</param>
    /// <param name="factors">What bounds the factors.</param>
    /// <param name="format">The block's format, for messages.</param>
    public static SymmetricSuperBlock Of(ReadOnlySpan<float> values, Span<sbyte> scales, int codes, int factors, WeightFormat format)
    {
        var block = new SymmetricSuperBlock(values, scales, codes, factors, format);
        Span<float> fits = stackalloc float[Groups];
        for (var group = 0; group < Groups; group++)
        {
            fits[group] = SymmetricFit.Of(block.Vectors(group), block.Values(group), codes);
        }

        // The largest scale gets the factor −factors: d takes the opposite of its sign.
        block.Set(StoredScale.Peak(fits) / -factors);
        var error = block.ChooseFactors(fits);
        for (var round = 0; round < Rounds; round++)
        {
            block.Improve(fits, ref error);
        }

        return block;
    }

    /// <summary>The codes of all numbers under the factors chosen, plus <c>codes</c>: never negative.</summary>
    public readonly void Codes(Span<byte> codes)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            var scale = (float)Scale * _scales[i / (_values.Length / Groups)];
            var code = MathF.Round(_values[i] * StoredScale.Inverse(scale));
            codes[i] = (byte)(Math.Clamp(code, -_codes, _codes - 1) + _codes);
        }
    }

    private readonly ReadOnlySpan<float> Values(int group) => _values.Slice(group * _values.Length / Groups, _values.Length / Groups);

    private readonly ReadOnlySpan<Vector256<float>> Vectors(int group) => MemoryMarshal.Cast<float, Vector256<float>>(Values(group));

    private void Set(float scale) => Scale = StoredScale.Round(scale, _format, StoredScale.Peak(_values));

    /// <summary>Chooses s of each group among the neighbours of its fit; answers the squared error of all.</summary>
    private readonly float ChooseFactors(scoped ReadOnlySpan<float> fits)
    {
        var total = 0f;
        var d = (float)Scale;
        for (var group = 0; group < Groups; group++)
        {
            var x = Vectors(group);
            var scale = (int)Math.Clamp(MathF.Round(fits[group] * StoredScale.Inverse(d)), -_factors, _factors - 1);
            var best = float.PositiveInfinity;
            for (var s = Math.Max(scale - 1, -_factors); s <= Math.Min(scale + 1, _factors - 1); s++)
            {
                var error = GroupSums.Error(x, d * s, 0, -_codes, _codes - 1);
                if (error < best)
                {
                    (best, _scales[group]) = (error, (sbyte)s);
                }
            }

            total += best;
        }

        return total;
    }

    /// <summary>Solves for d with all integers fixed, chooses the factors again, and keeps the result if it is better.</summary>
    private void Improve(scoped ReadOnlySpan<float> fits, ref float error)
    {
        double ss = 0, sx = 0;
        for (var group = 0; group < Groups; group++)
        {
            double s = _scales[group];
            var scale = (float)Scale * _scales[group];
            var (_, qq, xq) = GroupSums.OfCodes(Vectors(group), StoredScale.Inverse(scale), 0, -_codes, _codes - 1);
            ss += s * s * qq;
            sx += s * xq;
        }

        if (!(ss > 0))
        {
            return;
        }

        Span<sbyte> before = stackalloc sbyte[Groups];
        _scales.CopyTo(before);
        var d = Scale;
        Set((float)(sx / ss));
        var changed = ChooseFactors(fits);
        if (changed < error)
        {
            error = changed;
            return;
        }

        Scale = d;
        before.CopyTo(_scales);
    }
}
