using Rubato.Core;

namespace Rubato.Simulation.Serving.Traces;

/// <summary>Makes a trace fit a smaller machine: fewer tokens, slower arrivals. Reports state both.</summary>
/// <param name="Divide">Token counts are divided by it and rounded up; a power of two up to 512 where prompts are named in blocks. At least 1.</param>
/// <param name="Stretch">Arrival times are multiplied by it; positive.</param>
public sealed record TraceScaling(int Divide = 1, double Stretch = 1)
{
    /// <summary>This scaling when it suits <paramref name="trace"/>.</summary>
    /// <exception cref="InvalidOptionException">It does not.</exception>
    public TraceScaling ValidatedFor(RequestTrace trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        if (Divide is < 1 or > 1 << 20)
        {
            throw new InvalidOptionException($"Tokens divided by {Divide}: out of range; it must be 1…1,048,576.");
        }

        if (trace.Format == TraceFormat.Mooncake && RequestTrace.PrefixBlockTokens % Divide != 0)
        {
            throw new InvalidOptionException($"Tokens divided by {Divide}: this trace names blocks of {RequestTrace.PrefixBlockTokens} tokens, so it must be a power of two up to {RequestTrace.PrefixBlockTokens}.");
        }

        return Stretch is > 0 and <= 1e6
            ? this
            : throw new InvalidOptionException(FormattableString.Invariant($"Times stretched by {Stretch}: out of range; it must be above 0, at most 1,000,000."));
    }

    /// <summary>A token count of the scaled trace; at least 1.</summary>
    public int Tokens(int tokens) => Math.Max(1, (int)(((long)tokens + Divide - 1) / Divide));
}
