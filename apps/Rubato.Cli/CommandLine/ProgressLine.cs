using System.Diagnostics;

namespace Rubato.Cli.CommandLine;

/// <summary>A share of work done, on one line of standard error that is rewritten; silent when that is not a terminal.</summary>
internal sealed class ProgressLine(string what) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly bool _shown = !Console.IsErrorRedirected;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _next;

    /// <summary>Shows <paramref name="share"/>, in [0, 1].</summary>
    public void Report(double share)
    {
        if (_shown && _watch.Elapsed >= _next)
        {
            _next = _watch.Elapsed + Interval;
            Console.Error.Write($"\r{what} {100 * share,3:F0} %");
        }
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (_shown)
        {
            Console.Error.Write($"\r{new string(' ', what.Length + 8)}\r");
        }
    }
}
