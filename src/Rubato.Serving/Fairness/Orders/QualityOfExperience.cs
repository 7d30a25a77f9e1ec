namespace Rubato.Serving.Fairness.Orders;

/// <summary>How good a stream of tokens is for a user who reads at a steady pace, foreseen over a horizon: 1 is all that can be wished for.</summary>
/// <remarks>
/// Source: Liu et al., "Andes: Defining and Enhancing Quality-of-Experience in LLM-Based Text Streaming Services", 2024, and its public
/// implementation, but for one thing: to deliver more than is read does no harm here.
/// </remarks>
/// <param name="TargetTtft">Seconds to the first token that satisfy.</param>
/// <param name="TokenSeconds">Seconds per token at which the user reads.</param>
/// <param name="Horizon">Seconds that are looked ahead.</param>
internal readonly record struct QualityOfExperience(double TargetTtft, double TokenSeconds, double Horizon)
{
    /// <summary>The quality if the sequence is served over the horizon.</summary>
    /// <param name="elapsed">Seconds since the request arrived.</param>
    /// <param name="tokens">Tokens delivered.</param>
    /// <param name="lastToken">Seconds from the arrival to the latest of them.</param>
    /// <param name="latency">Seconds per token while it is served.</param>
    public double IfServed(double elapsed, int tokens, double lastToken, double latency)
    {
        // The user still reads what came earlier than needed, and more will come in time.
        if (tokens > 0 && lastToken < TargetTtft + tokens * TokenSeconds && latency <= TokenSeconds)
        {
            return 1;
        }

        return OneMinusSquare(Shortfall(elapsed, tokens + Horizon / latency));
    }

    /// <summary>The quality if it waits over the horizon.</summary>
    public double IfNotServed(double elapsed, int tokens)
    {
        if (tokens == 0)
        {
            return elapsed + Horizon <= TargetTtft ? 1 : 0;
        }

        return OneMinusSquare(Shortfall(elapsed, tokens));
    }

    /// <summary>The share of the tokens that the user would have read at the horizon, had they come, which will not have come.</summary>
    private double Shortfall(double elapsed, double delivered)
    {
        var expected = (elapsed + Horizon) / TokenSeconds;
        return Math.Max(0, (expected - delivered) / expected);
    }

    private static double OneMinusSquare(double x) => 1 - x * x;
}
