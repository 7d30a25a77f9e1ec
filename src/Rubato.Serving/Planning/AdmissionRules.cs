namespace Rubato.Serving.Planning;

/// <summary>Whether a request may enter: decided once, at the door, so that everything behind it can run to its end.</summary>
internal static class AdmissionRules
{
    public static AdmissionOutcome Judge(Request request, SchedulerState state, bool shuttingDown)
    {
        var limits = state.Limits;
        if (shuttingDown)
        {
            return AdmissionOutcome.ShuttingDown;
        }

        if (request.PromptTokens.IsDefaultOrEmpty)
        {
            return AdmissionOutcome.EmptyPrompt;
        }

        if (request.HiddenStates == HiddenStateUse.None ? request.OutputTokensMax < 1 : request.OutputTokensMax != 0)
        {
            return AdmissionOutcome.InvalidOutputLimit;
        }

        var tokens = (long)request.PromptTokens.Length + request.OutputTokensMax;
        if (tokens > limits.ContextTokens)
        {
            return AdmissionOutcome.PromptTooLong;
        }

        if (tokens > limits.SequenceTokensMax)
        {
            return AdmissionOutcome.ExceedsMemory;
        }

        if (state.Alive.ContainsKey(request.Id))
        {
            return AdmissionOutcome.DuplicateId;
        }

        return state.Live.Count < limits.RunningMax + limits.WaitingMax
            ? AdmissionOutcome.Admitted
            : AdmissionOutcome.QueueFull;
    }
}
