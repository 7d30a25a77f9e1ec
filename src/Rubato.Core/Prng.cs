using System.Numerics;

namespace Rubato.Core;

/// <summary>The project's only source of randomness: xoshiro256** seeded through SplitMix64; the same numbers on every machine.</summary>
/// <remarks>
/// <see cref="Split(string)"/> gives an independent generator that depends on the seed and the label only, never on how many
/// numbers were drawn, so that a new consumer of randomness does not shift the others. Not thread-safe; not for secrets.
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021.
/// </remarks>
public sealed class Prng
{
    private readonly ulong _seed;
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts the sequence of <paramref name="seed"/>; every seed, zero included, is fine.</summary>
    public Prng(ulong seed)
    {
        _seed = seed;
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>The generator of a sub-stream named by <paramref name="label"/>.</summary>
    public Prng Split(string label)
    {
        ArgumentNullException.ThrowIfNull(label);
        var hash = 0xcbf29ce484222325UL;
        foreach (var unit in label)
        {
            hash = unchecked((hash ^ unit) * 0x100000001b3UL);
        }

        return Split(hash);
    }

    /// <summary>The generator of the sub-stream with number <paramref name="index"/>.</summary>
    public Prng Split(ulong index) => new(Mix(_seed, index));

    /// <summary>A well-mixed 64-bit hash of two numbers: the way to draw "the random number of position p under seed s".</summary>
    public static ulong Mix(ulong seed, ulong position)
    {
        unchecked
        {
            var state = seed ^ BitOperations.RotateLeft(position * 0x9e3779b97f4a7c15UL, 23);
            _ = SplitMix64(ref state);
            return SplitMix64(ref state) ^ position * 0xd1342543de82ef95UL;
        }
    }

    /// <summary>A number uniform over all 64-bit values.</summary>
    public ulong NextUInt64()
    {
        unchecked
        {
            var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
            var t = _s1 << 17;
            _s2 ^= _s0;
            _s3 ^= _s1;
            _s1 ^= _s2;
            _s0 ^= _s3;
            _s2 ^= t;
            _s3 = BitOperations.RotateLeft(_s3, 45);
            return result;
        }
    }

    /// <summary>A number uniform over [0, <paramref name="bound"/>), without bias (Lemire's method).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)NextBelow((ulong)bound);
    }

    /// <summary>A number uniform over [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public int NextInt32(int low, int high) => checked((int)(low + (long)NextBelow((ulong)((long)high - low))));

    /// <summary>A number uniform over [0, <paramref name="bound"/>), without bias.</summary>
    public ulong NextBelow(ulong bound)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        unchecked
        {
            var product = (UInt128)NextUInt64() * bound;
            if ((ulong)product < bound)
            {
                var threshold = (0UL - bound) % bound;
                while ((ulong)product < threshold)
                {
                    product = (UInt128)NextUInt64() * bound;
                }
            }

            return (ulong)(product >> 64);
        }
    }

    /// <summary>A number uniform over the 2⁵³ multiples of 2⁻⁵³ in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with probability <paramref name="numerator"/> ÷ <paramref name="denominator"/>, exactly.</summary>
    public bool Chance(ulong numerator, ulong denominator) => NextBelow(denominator) < numerator;

    /// <summary>Puts <paramref name="items"/> in a uniformly random order (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix64(ref ulong state)
    {
        unchecked
        {
            var z = state += 0x9e3779b97f4a7c15UL;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
            return z ^ (z >> 31);
        }
    }
}
