using System.Net;
using Microsoft.AspNetCore.Http;
using Rubato.Hosting.Http;
using Rubato.Hosting.OpenAi;

namespace Rubato.Hosting.Security;

/// <summary>Decides whether a request may come in at all: Host, then Origin, then key. Everything but /health needs the key.</summary>
/// <remarks>
/// The Host list keeps a web page from reaching a local server through a name that it controls (DNS rebinding); the Origin list keeps it
/// from posting to a well-known address.
/// </remarks>
internal sealed class RequestGate(ServingHttpOptions options)
{
    private readonly ApiKeys _keys = new(options.ApiKeys);
    private readonly HashSet<string> _hosts = new(options.AllowedHosts, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _origins = new(options.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>What the request may not do, or null when it may come in.</summary>
    public OpenAiError? Judge(HttpContext context, out GatePass? pass)
    {
        pass = null;
        var request = context.Request;
        if (!HostAllowed(context))
        {
            return OpenAiError.Forbidden("This server does not go by that Host name.", "host_not_allowed");
        }

        if (!OriginAllowed(request))
        {
            return OpenAiError.Forbidden("Pages of that origin may not use this server.", "origin_not_allowed");
        }

        if (CrossOrigin.IsPreflight(request) && _origins.Contains(request.Headers.Origin.ToString()))
        {
            pass = new GatePass(null);
            return null;
        }

        var key = _keys.Find(request);
        if (_keys.Required && key == 0 && !IsOpen(request))
        {
            return OpenAiError.Unauthorized();
        }

        pass = new GatePass(key > 0 ? $"key{key}" : null);
        return null;
    }

    /// <summary>Whether pages of this foreign origin were let in by name.</summary>
    public bool IsListedOrigin(string origin) => _origins.Contains(origin);

    /// <summary>Whether the text is an origin as browsers send it: scheme, host, perhaps a port, nothing more.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && string.Equals(uri.GetLeftPart(UriPartial.Authority), text, StringComparison.OrdinalIgnoreCase);

    private static bool IsOpen(HttpRequest request) =>
        request.Path.Equals("/health", StringComparison.Ordinal) && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));

    private bool HostAllowed(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (_hosts.Contains(host) || _hosts.Contains("*"))
        {
            return true;
        }

        return IPAddress.TryParse(host, out var literal)
            && context.Connection.LocalIpAddress is { } local
            && Unmapped(literal).Equals(Unmapped(local));
    }

    private bool OriginAllowed(HttpRequest request)
    {
        var origins = request.Headers.Origin;
        if (origins.Count == 0)
        {
            var crossSite = request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";
            return !crossSite || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        }

        var origin = origins.Count == 1 ? origins[0] ?? "" : "";
        return _origins.Contains(origin) || IsOwn(origin, request);
    }

    /// <summary>A page that this server (whose Host name is known to be right) gave out itself.</summary>
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && string.Equals(origin, $"{uri.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
