using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Security;

namespace Rubato.Hosting.Http;

/// <summary>Who asks, when the request's body does not say: the header, then the API key it came with.</summary>
internal static class ClientIdentity
{
    /// <summary>The header that names a client.</summary>
    public const string Header = "X-Client-Id";

    private const int LengthMax = 256;

    public static string Of(HttpContext context)
    {
        var named = context.Request.Headers[Header].ToString();
        if (named.Length > 0)
        {
            return named.Length <= LengthMax ? named : named[..LengthMax];
        }

        return context.Features.Get<GatePass>()?.KeyName ?? "";
    }
}
