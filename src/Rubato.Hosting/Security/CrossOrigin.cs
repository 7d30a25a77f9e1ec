using Microsoft.AspNetCore.Http;

namespace Rubato.Hosting.Security;

/// <summary>Cross-origin resource sharing for the origins that the operator listed; nobody else gets such headers.</summary>
internal static class CrossOrigin
{
    public static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method)
        && request.Headers.Origin.Count == 1
        && request.Headers.AccessControlRequestMethod.Count == 1;

    /// <summary>Adds the headers that let a listed origin read the response; answers a preflight.</summary>
    /// <returns>Whether the response is complete.</returns>
    public static bool Apply(HttpContext context, RequestGate gate)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (!gate.IsListedOrigin(origin))
        {
            return false;
        }

        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.Vary = "Origin";
        if (!IsPreflight(context.Request))
        {
            return false;
        }

        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
