using Rubato.Core;

namespace Rubato.Simulation.Serving;

/// <summary>Chats of several turns, with lengths that resemble those that users shared of a public assistant.</summary>
/// <remarks>
/// The number of turns is geometric, lengths are lognormal, conversations arrive as a Poisson process. The prompt of a turn is all that was said
/// before and the user's new tokens. A conversation ends early when its next turn would pass <see cref="ContextTokensMax"/>.
/// </remarks>
public sealed record ConversationParameters
{
    /// <summary>Conversations. Range 1…1,000,000.</summary>
    public int Conversations { get; init; } = 1000;

    /// <summary>Conversations that begin per second; positive.</summary>
    public double Rate { get; init; } = 1;

    /// <summary>Mean of the number of turns, before the cap; at least 1.</summary>
    public double TurnsMean { get; init; } = 5.5;

    /// <summary>Most turns.</summary>
    public int TurnsMax { get; init; } = 30;

    /// <summary>Mean of the logarithm of the tokens that a user adds.</summary>
    public double UserLogMean { get; init; } = 3.7;

    /// <summary>Deviation of that logarithm.</summary>
    public double UserLogDeviation { get; init; } = 1.1;

    /// <summary>Mean of the logarithm of the tokens of a reply.</summary>
    public double ReplyLogMean { get; init; } = 5.0;

    /// <summary>Deviation of that logarithm.</summary>
    public double ReplyLogDeviation { get; init; } = 0.9;

    /// <summary>Fewest tokens that a user adds, and of a reply.</summary>
    public int TokensMin { get; init; } = 2;

    /// <summary>Most tokens that a user adds, and of a reply.</summary>
    public int TokensMax { get; init; } = 1000;

    /// <summary>Most tokens of a conversation.</summary>
    public int ContextTokensMax { get; init; } = 3500;

    /// <summary>Mean of the exponential time between a reply and the next turn; 0: at once.</summary>
    public double ThinkSecondsMean { get; init; }

    /// <summary>Conversations belong to this many clients, in turn; 0: each to a client of its own.</summary>
    public int Clients { get; init; }

    /// <summary>Whether every turn names a user of its own: priorities that are laid down are then those of turns, not of conversations.</summary>
    public bool NamesTurns { get; init; }

    /// <summary>These parameters when they keep the rules.</summary>
    /// <exception cref="InvalidOptionException">A value is out of range.</exception>
    public ConversationParameters Validated()
    {
        Require(Conversations is >= 1 and <= 1_000_000, "conversations", Conversations, "1…1,000,000");
        Require(Rate is > 0 and <= 1e6, "rate", Rate, "above 0, at most 1,000,000 per second");
        Require(TurnsMean is >= 1 and <= 1000, "mean of turns", TurnsMean, "1…1,000");
        Require(TurnsMax is >= 1 and <= 1000, "most turns", TurnsMax, "1…1,000");
        Require(TokensMin >= 1 && TokensMin <= TokensMax, "fewest tokens", TokensMin, "1 to the most tokens");
        Require(ContextTokensMax > 2L * TokensMin && ContextTokensMax <= 1 << 24, "most tokens of a conversation", ContextTokensMax, "above twice the fewest tokens");
        Require(ThinkSecondsMean is >= 0 and <= 1e6, "think time", ThinkSecondsMean, "0…1,000,000 s");
        Require(Clients is >= 0 and <= 1_000_000, "clients", Clients, "0…1,000,000");
        return this;

        static void Require(bool holds, string name, double value, string rule)
        {
            if (!holds)
            {
                throw new InvalidOptionException(FormattableString.Invariant($"The {name} of the workload: {value} is out of range; it must be {rule}."));
            }
        }
    }
}
