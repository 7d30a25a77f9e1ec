using Rubato.Core;

namespace Rubato.Simulation.Serving;

/// <summary>Draws conversations. Each has its own sub-stream of randomness: how a run goes shifts none.</summary>
internal sealed class ConversationSource(ConversationParameters parameters, Prng prng)
{
    private readonly Prng _conversations = prng.Split("conversations");

    /// <summary>The turns of a conversation, at least one.</summary>
    public IReadOnlyList<ConversationTurn> Draw(int number)
    {
        var draws = _conversations.Split((ulong)number);
        var turns = new List<ConversationTurn>();
        var context = 0;
        do
        {
            var room = parameters.ContextTokensMax - context;
            var user = Length(draws, parameters.UserLogMean, parameters.UserLogDeviation);
            var reply = Length(draws, parameters.ReplyLogMean, parameters.ReplyLogDeviation);
            var think = parameters.ThinkSecondsMean > 0 ? draws.NextExponential(1 / parameters.ThinkSecondsMean) : 0;
            if (user + reply > room)
            {
                if (turns.Count > 0)
                {
                    break;
                }

                user = Math.Min(user, room - parameters.TokensMin);
                reply = Math.Min(reply, room - user);
            }

            turns.Add(new(user, reply, Duration.FromSeconds(think)));
            context += user + reply;
        }
        while (turns.Count < parameters.TurnsMax && draws.NextDouble() >= 1 / parameters.TurnsMean);

        return turns;
    }

    private int Length(Prng draws, double logMean, double logDeviation) =>
        (int)Math.Clamp(Math.Round(DeterministicMath.Exp(draws.NextNormal(logMean, logDeviation))), parameters.TokensMin, parameters.TokensMax);
}

/// <summary>One turn of a conversation.</summary>
/// <param name="UserTokens">Tokens that the user adds.</param>
/// <param name="ReplyTokens">Tokens of the answer.</param>
/// <param name="Think">Time between the answer to the turn before and this turn.</param>
internal readonly record struct ConversationTurn(int UserTokens, int ReplyTokens, Duration Think);
