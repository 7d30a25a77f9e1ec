using Microsoft.AspNetCore.Http;
using Rubato.Hosting.OpenAi;
using Rubato.Hosting.OpenAi.Requests;
using Rubato.Hosting.Security;

namespace Rubato.Hosting.Http;

/// <summary>
/// Who asks. The client is the API key, so that no key can pass for several clients; without keys it is what a header says. The user is named
/// by a header that gateways set, or by the body.
/// </summary>
internal static class ClientIdentity
{
    /// <summary>The header that names a client where the server has no keys.</summary>
    public const string Header = "X-Client-Id";

    /// <summary>The header that names a user; it counts before what the body says.</summary>
    public const string UserHeader = "x-gateway-inference-fairness-id";

    /// <param name="context">The request.</param>
    /// <param name="bodyUser">Whom its body names; null for nobody.</param>
    /// <exception cref="OpenAiException">The user's header is empty, too long, has control characters, or comes twice.</exception>
    public static Caller Of(HttpContext context, string? bodyUser)
    {
        var key = context.Features.Get<GatePass>()?.KeyName;
        return new(key ?? ClientHeader(context), ReadUserHeader(context) ?? bodyUser ?? "", key);
    }

    private static string ClientHeader(HttpContext context)
    {
        var named = context.Request.Headers[Header].ToString();
        return named.Length <= UserName.LengthMax ? named : named[..UserName.LengthMax];
    }

    private static string? ReadUserHeader(HttpContext context)
    {
        var values = context.Request.Headers[UserHeader];
        if (values.Count == 0)
        {
            return null;
        }

        return values is [{ Length: > 0 } name]
            ? UserName.Check(name, UserHeader)
            : throw new OpenAiException(OpenAiError.BadRequest(
                $"'{UserHeader}' must come once, with 1 to {UserName.LengthMax} characters.", UserHeader, "invalid_value"));
    }
}
