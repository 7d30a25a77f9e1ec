using System.ComponentModel.DataAnnotations;

namespace Rubato.Hosting.Configuration;

/// <summary>A whole server: what to serve and where to listen.</summary>
public sealed class ServerOptions
{
    /// <summary>What to serve, and how.</summary>
    public ServingOptions Serving { get; } = new();

    /// <summary>The address to listen on: localhost or an address literal (0.0.0.0 and [::] listen everywhere). Default 127.0.0.1.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 lets the system choose. Range 0…65,535; default 8080.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8080;

    /// <summary>Listens beyond the loopback address without an API key. Everybody who reaches the port can then use the server.</summary>
    public bool AllowUnauthenticated { get; set; }
}
