using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Rubato.Kernels.Quantized.Encoding;

/// <summary>Sums over a group of numbers, in vectors of eight with a fixed order of additions: the same on every machine.</summary>
internal static class GroupSums
{
    /// <summary>The nearest codes 0 … <paramref name="codeMax"/> of (x − offset) · inverse: Σ q, Σ q², Σ x · q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Q, float Qq, float Xq) OfCodes(
        ReadOnlySpan<Vector256<float>> x, float inverse, float offset, float codeMin, float codeMax)
    {
        Vector256<float> q = default, qq = default, xq = default;
        foreach (var value in x)
        {
            var code = Codes(value, inverse, offset, codeMin, codeMax);
            q += code;
            qq += code * code;
            xq += value * code;
        }

        return (Add(q), Add(qq), Add(xq));
    }

    /// <summary>Σ (x − scale · q − offset)² over the nearest codes q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Error(ReadOnlySpan<Vector256<float>> x, float scale, float offset, float codeMin, float codeMax)
    {
        var inverse = StoredScale.Inverse(scale);
        Vector256<float> sum = default;
        foreach (var value in x)
        {
            var rest = value - (Codes(value, inverse, offset, codeMin, codeMax) * scale) - Vector256.Create(offset);
            sum += rest * rest;
        }

        return Add(sum);
    }

    /// <summary>Σ x and Σ x².</summary>
    public static (float X, float Xx) OfNumbers(ReadOnlySpan<Vector256<float>> x)
    {
        Vector256<float> sum = default, squares = default;
        foreach (var value in x)
        {
            sum += value;
            squares += value * value;
        }

        return (Add(sum), Add(squares));
    }

    /// <summary>The nearest codes to (value − offset) · inverse.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Codes(Vector256<float> value, float inverse, float offset, float codeMin, float codeMax)
    {
        var code = Vector256.Round((value - Vector256.Create(offset)) * inverse);
        return Vector256.Min(Vector256.Max(code, Vector256.Create(codeMin)), Vector256.Create(codeMax));
    }

    /// <summary>The sum of all lanes, halves first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(Vector256<float> lanes)
    {
        var half = lanes.GetLower() + lanes.GetUpper();
        return (half[0] + half[2]) + (half[1] + half[3]);
    }
}
