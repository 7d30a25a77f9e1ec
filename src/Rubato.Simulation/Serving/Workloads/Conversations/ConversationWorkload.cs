using System.Globalization;
using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>Conversations arrive open loop; within each, the next turn comes a think time after the reply.</summary>
internal sealed class ConversationWorkload(ConversationParameters parameters, int contextTokens, Prng prng) : IWorkload
{
    private readonly ConversationSource _source = new(parameters, prng);
    private readonly Prng _gaps = prng.Split("arrivals");
    private readonly Dictionary<int, Conversation> _live = [];
    private IArrivals? _arrivals;
    private long _requests;
    private Instant _lastBegin = Instant.Zero;

    public long? Requests => null;

    public void Begin(IArrivals arrivals)
    {
        _arrivals = arrivals;
        ScheduleConversation(0);
    }

    public RequestScript? Issue(long arrival, Instant now)
    {
        var number = (int)arrival;
        if (!_live.TryGetValue(number, out var conversation))
        {
            conversation = new(new(number), _source.Draw(number));
            _live.Add(number, conversation);
            ScheduleConversation(number + 1);
        }

        var turn = conversation.Turns[conversation.Turn];
        conversation.Tokens += turn.UserTokens;
        var request = new Request
        {
            Id = new(_requests++),
            Client = string.Create(CultureInfo.InvariantCulture, $"c{(parameters.Clients == 0 ? number : number % parameters.Clients)}"),
            User = parameters.NamesTurns ? string.Create(CultureInfo.InvariantCulture, $"t{conversation.Turn}") : "",
            PromptTokens = Prompt.Of(conversation.Source, conversation.Tokens),
            OutputTokensMax = Math.Min(parameters.TokensMax, contextTokens - conversation.Tokens),
        };
        return new(request, number, RequestScript.NoStopToken, turn.ReplyTokens, null) { Tokens = conversation.Source };
    }

    public void Answered(RequestScript script, AdmissionOutcome outcome, Instant now)
    {
        if (outcome != AdmissionOutcome.Admitted)
        {
            _live.Remove(script.Client);
        }
    }

    public void Ended(RequestScript script, FinishedRequest finished, Instant now)
    {
        var conversation = _live[script.Client];
        conversation.Tokens += finished.OutputTokens;
        if (finished.Reason == FinishReason.Cancelled || ++conversation.Turn == conversation.Turns.Count)
        {
            _live.Remove(script.Client);
        }
        else
        {
            _arrivals!.Schedule(script.Client, now + conversation.Turns[conversation.Turn].Think);
        }
    }

    private void ScheduleConversation(int number)
    {
        if (number < parameters.Conversations)
        {
            _lastBegin += Duration.FromSeconds(_gaps.NextExponential(parameters.Rate));
            _arrivals!.Schedule(number, _lastBegin);
        }
    }

    /// <summary>A conversation that has begun and not ended.</summary>
    private sealed class Conversation(ConversationTokens source, IReadOnlyList<ConversationTurn> turns)
    {
        public ConversationTokens Source => source;

        public IReadOnlyList<ConversationTurn> Turns => turns;

        /// <summary>Number of the turn that is asked or comes next.</summary>
        public int Turn { get; set; }

        /// <summary>Tokens said so far.</summary>
        public int Tokens { get; set; }
    }
}
