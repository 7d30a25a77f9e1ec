using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Rubato.Hosting.Security;

/// <summary>The keys of a server, kept as hashes and compared in constant time.</summary>
internal sealed class ApiKeys
{
    private const string Scheme = "Bearer ";
    private const int KeyLengthMax = 1024;

    private readonly byte[][] _hashes;

    public ApiKeys(IEnumerable<string> keys) => _hashes = [.. keys.Select(Hash)];

    /// <summary>Whether a key is needed.</summary>
    public bool Required => _hashes.Length > 0;

    /// <summary>The number of the key that the request carries, from 1; 0 when it carries none of them.</summary>
    public int Find(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || value.Length > KeyLengthMax + Scheme.Length)
        {
            return 0;
        }

        var presented = Hash(value[Scheme.Length..].Trim());
        var found = 0;
        for (var i = 0; i < _hashes.Length; i++)
        {
            // No early exit: the time tells nothing about which key came close.
            found |= CryptographicOperations.FixedTimeEquals(presented, _hashes[i]) && found == 0 ? i + 1 : 0;
        }

        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
