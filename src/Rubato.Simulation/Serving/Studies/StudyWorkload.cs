using Rubato.Core;
using Rubato.Simulation.Serving.Traces;

namespace Rubato.Simulation.Serving.Studies;

/// <summary>What a study serves.</summary>
public abstract record StudyWorkload
{
    private StudyWorkload()
    {
    }

    /// <summary>In a line, for reports.</summary>
    public abstract string Description { get; }

    internal abstract IWorkload Create(int contextTokens, StudyRules rules, Prng prng);

    /// <summary>Chats of several turns.</summary>
    /// <param name="Parameters">How many, how long, how often.</param>
    public sealed record MultiTurn(ConversationParameters Parameters) : StudyWorkload
    {
        /// <inheritdoc/>
        public override string Description => FormattableString.Invariant(
            $"{Parameters.Conversations} conversations, {Parameters.Rate} per second, {Parameters.TurnsMean} turns in the mean, {Parameters.ThinkSecondsMean} s of thought between them");

        internal override IWorkload Create(int contextTokens, StudyRules rules, Prng prng)
        {
            var parameters = Parameters.Validated();
            parameters = parameters with
            {
                ContextTokensMax = Math.Min(parameters.ContextTokensMax, contextTokens),
                NamesTurns = parameters.NamesTurns || rules == StudyRules.Prototype,
            };
            return new ConversationWorkload(parameters, contextTokens, prng);
        }
    }

    /// <summary>Two clients that ask for more than fits, one twice as often as the other.</summary>
    /// <param name="Requests">Of both together.</param>
    /// <param name="Rate">Requests per second of the modest one.</param>
    public sealed record TwoClients(int Requests = 600, double Rate = 1.5) : StudyWorkload
    {
        /// <inheritdoc/>
        public override string Description => FormattableString.Invariant(
            $"{Requests} requests of 256 tokens in and 256 out, {Rate} per second of a modest client and {2 * Rate} of a greedy one");

        internal override IWorkload Create(int contextTokens, StudyRules rules, Prng prng) => Requests is >= 1 and <= 10_000_000 && Rate is > 0 and <= 1e6
            ? Serving.TwoClients.Create(Requests, Rate)
            : throw new InvalidOptionException(FormattableString.Invariant($"{Requests} requests at {Rate} per second: out of range; they must be 1…10,000,000 at above 0, at most 1,000,000."));
    }

    /// <summary>A recorded stream of requests.</summary>
    /// <param name="Name">What reports call it.</param>
    /// <param name="Requests">The requests.</param>
    /// <param name="Scaling">Fewer tokens, slower arrivals.</param>
    /// <param name="Count">Requests to take, from the first on; null: all.</param>
    public sealed record Trace(string Name, RequestTrace Requests, TraceScaling Scaling, int? Count = null) : StudyWorkload
    {
        /// <inheritdoc/>
        public override string Description => FormattableString.Invariant(
            $"{Math.Min(Count ?? int.MaxValue, Requests.Rows.Length)} requests of {Name}, tokens divided by {Scaling.Divide}, times stretched by {Scaling.Stretch}");

        internal override IWorkload Create(int contextTokens, StudyRules rules, Prng prng) => TraceWorkload.Create(Requests, Scaling, Count);
    }
}
