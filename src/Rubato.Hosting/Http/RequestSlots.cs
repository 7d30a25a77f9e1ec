using Rubato.Hosting.OpenAi;

namespace Rubato.Hosting.Http;

/// <summary>Counts the requests in work against a limit.</summary>
internal sealed class RequestSlots(int max)
{
    private int _taken;

    /// <summary>A slot, to be disposed at the end of the request; null when all are taken.</summary>
    public Slot? TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= max)
        {
            return new Slot(this);
        }

        Interlocked.Decrement(ref _taken);
        return null;
    }

    /// <summary>A slot, to be disposed at the end of the request.</summary>
    /// <exception cref="OpenAiException">All are taken.</exception>
    public Slot Enter(ServingLimits limits) =>
        TryEnter() ?? throw new OpenAiException(OpenAiError.TooManyRequests(limits.RetryAfterSeconds));

    public sealed class Slot(RequestSlots owner) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                Interlocked.Decrement(ref owner._taken);
            }
        }
    }
}
