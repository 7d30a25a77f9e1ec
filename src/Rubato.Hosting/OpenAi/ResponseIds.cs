using System.Buffers.Binary;
using System.Security.Cryptography;
using Rubato.Core;

namespace Rubato.Hosting.OpenAi;

/// <summary>Identifiers of responses and seeds of requests that name none: unpredictable from outside, never repeated in one process.</summary>
/// <param name="seed">Makes the drawn seeds repeatable; identifiers stay unpredictable.</param>
internal sealed class ResponseIds(ulong? seed = null)
{
    private readonly ulong _base = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private long _next;
    private long _nextSeed;

    /// <summary>A new identifier like <c>chatcmpl-0123456789abcdef0000002a</c>.</summary>
    public string NewId(string prefix)
    {
        var number = (ulong)Interlocked.Increment(ref _next);
        return $"{prefix}-{Prng.Mix(_base, number):x16}{number:x8}";
    }

    /// <summary>A new name of a function call, like <c>call_0123456789abcdef0000002a</c>.</summary>
    public string NewCallId() => NewId("call").Replace('-', '_');

    /// <summary>A new seed.</summary>
    public ulong NewSeed() => Prng.Mix(seed ?? ~_base, (ulong)Interlocked.Increment(ref _nextSeed));
}
