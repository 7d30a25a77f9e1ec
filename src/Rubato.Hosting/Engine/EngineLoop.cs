using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.Telemetry;
using Rubato.Hosting.Transfers;
using Rubato.Inference.Constraints;
using Rubato.Models.Tokenizers;
using Rubato.Serving;
using Rubato.Serving.Journal;

namespace Rubato.Hosting.Engine;

/// <summary>The one thread that steps the scheduler: commands in, plans to the executor, tokens out to the readers.</summary>
internal sealed class EngineLoop
{
    private readonly IScheduler _scheduler;
    private readonly IStepExecutor _executor;
    private readonly ITokenizer _tokenizer;
    private readonly EngineClock _clock;
    private readonly ServingMetrics _metrics;
    private readonly ILogger _log;
    private readonly TransferEngine? _transfers;
    private readonly Channel<EngineCommand> _commands = Channel.CreateUnbounded<EngineCommand>(new() { SingleReader = true });
    private readonly Dictionary<RequestId, ActiveSequence> _active = [];
    private readonly ITimer _wakeTimer;
    private EngineSnapshot _snapshot;
    private EngineState _state = EngineState.Running;
    private long _nextId;
    private bool _recordingStopped;

    public EngineLoop(
        IScheduler scheduler, IStepExecutor executor, ITokenizer tokenizer, EngineClock clock, ServingMetrics metrics, ILogger log, TransferEngine? transfers)
    {
        _scheduler = scheduler;
        _executor = executor;
        _tokenizer = tokenizer;
        _clock = clock;
        _metrics = metrics;
        _log = log;
        _transfers = transfers;
        if (transfers is not null)
        {
            transfers.Ended += () => Post(EngineCommand.Wake.Instance);
        }

        _wakeTimer = clock.Time.CreateTimer(
            _ => Post(EngineCommand.Wake.Instance), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _snapshot = TakeSnapshot();
    }

    /// <summary>The state after the last step or batch of commands; any thread may read it.</summary>
    public EngineSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Hands a command over; false when the loop has ended.</summary>
    public bool Post(EngineCommand command) => _commands.Writer.TryWrite(command);

    /// <summary>Runs until stopped, on the calling thread.</summary>
    public void Run()
    {
        var last = EngineState.Stopped;
        try
        {
            while (Advance())
            {
            }
        }
        catch (Exception error)
        {
            last = EngineState.Faulted;
            EngineLog.Faulted(_log, error);
        }

        End(last);
    }

    private bool Advance()
    {
        while (_commands.Reader.TryRead(out var command))
        {
            Handle(command);
        }

        if (_state == EngineState.Stopped)
        {
            return false;
        }

        var stepped = Step();
        if (!_recordingStopped && _scheduler is RecordingScheduler { Failure: { } failure })
        {
            _recordingStopped = true;
            EngineLog.RecordingStopped(_log, failure);
        }

        Volatile.Write(ref _snapshot, TakeSnapshot());
        if (!stepped)
        {
            if (_state == EngineState.Draining && _active.Count == 0)
            {
                return false;
            }

            WaitForCommand();
        }

        return true;
    }

    private void WaitForCommand()
    {
        if (_scheduler.NextWakeup is { } wakeup)
        {
            var delay = (wakeup - _clock.Now).ToTimeSpan();
            _wakeTimer.Change(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        _commands.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Handle(EngineCommand command)
    {
        switch (command)
        {
            case EngineCommand.Submit submit:
                AnswerSubmission(submit);
                break;
            case EngineCommand.Cancel cancel:
                CancelGeneration(cancel.Generation);
                break;
            case EngineCommand.Drain:
                _state = _state == EngineState.Running ? EngineState.Draining : _state;
                break;
            case EngineCommand.Stop:
                _state = EngineState.Stopped;
                break;
        }
    }

    /// <summary>A submission that breaks a rule of the scheduler is its caller's error, not the end of the engine.</summary>
    private void AnswerSubmission(EngineCommand.Submit submit)
    {
        try
        {
            submit.Answer.SetResult(Admit(submit.Requests));
        }
        catch (Exception error) when (error is InvariantViolationException or ArgumentException or OverflowException)
        {
            submit.Answer.SetException(error);
        }
        catch
        {
            submit.Answer.SetException(new EngineFaultedException());
            throw;
        }
    }

    private Submission Admit(ImmutableArray<GenerationRequest> requests)
    {
        if (_state != EngineState.Running)
        {
            return new Submission(AdmissionOutcome.ShuttingDown, null);
        }

        var events = requests.Sum(request => Math.Max(0L, request.OutputTokensMax) + 1);
        var generation = new GenerationHandle(requests.Length, events, handle => Post(new EngineCommand.Cancel(handle)));
        try
        {
            return Admit(requests, generation);
        }
        catch
        {
            CancelGeneration(generation); // Nobody would ever read the sequences that were admitted before the one that breaks a rule.
            throw;
        }
    }

    private Submission Admit(ImmutableArray<GenerationRequest> requests, GenerationHandle generation)
    {
        for (var i = 0; i < requests.Length; i++)
        {
            var now = _clock.Now;
            var request = ToSchedulerRequest(requests[i]);
            var outcome = _scheduler.Admit(request, now);
            if (outcome != AdmissionOutcome.Admitted)
            {
                CancelGeneration(generation);
                _metrics.Refused(outcome);
                return new Submission(outcome, null);
            }

            var sequence = new ActiveSequence(generation, i, request, requests[i], _tokenizer, now);
            generation.Active.Add(sequence);
            _active.Add(request.Id, sequence);
        }

        return new Submission(AdmissionOutcome.Admitted, generation);
    }

    private Request ToSchedulerRequest(GenerationRequest asked) => new()
    {
        Id = new RequestId(_nextId++),
        Client = asked.Client,
        User = asked.User,
        Priority = asked.Priority,
        PromptTokens = asked.PromptTokens,
        OutputTokensMax = asked.OutputTokensMax,
        HiddenStates = asked.Pooling is { } pooling ? StatePool.UseOf(pooling) : HiddenStateUse.None,
        StopTokens = asked.IgnoresEndOfText ? [] : _tokenizer.StopTokens,
        Sampling = asked.Sampling,
        CacheSalt = asked.CacheSalt,
        Constraint = asked.Constraint ?? (asked.Grammar is { } grammar ? new GrammarConstraint(grammar, _tokenizer) : null),
    };

    private bool Step()
    {
        TakeEndedTransfers();
        var now = _clock.Now;
        if (_scheduler.NextWakeup is not { } due || due > now)
        {
            return false;
        }

        var plan = _scheduler.Plan(now);
        StartTransfers(plan);
        StepResult result;
        try
        {
            result = plan.Slices.IsEmpty ? new StepResult([]) : Execute(plan);
            StepResultCheck.Validate(plan, result, _tokenizer.VocabularySize);
        }
        catch (Exception error)
        {
            FailStep(plan, error);
            return true;
        }

        Absorb(plan, result);
        return true;
    }

    /// <summary>Copies go on beside the step, but leave the processor to it.</summary>
    private StepResult Execute(StepPlan plan)
    {
        if (_transfers is null)
        {
            return _executor.Execute(plan);
        }

        _transfers.Computing = true;
        try
        {
            return _executor.Execute(plan);
        }
        finally
        {
            _transfers.Computing = false;
        }
    }

    private void StartTransfers(StepPlan plan)
    {
        foreach (var order in plan.Transfers)
        {
            _transfers!.Submit(order);
        }

        foreach (var ticket in plan.CancelledTransfers)
        {
            _transfers!.Cancel(ticket);
        }
    }

    private void TakeEndedTransfers()
    {
        while (_transfers is not null && _transfers.TryTakeEnded(out var ended))
        {
            _scheduler.TransferEnded(ended.Ticket, ended.Outcome, _clock.Now);
        }
    }

    /// <summary>Detokenises, looks for stop texts, tells the scheduler, and delivers what became final.</summary>
    private void Absorb(StepPlan plan, StepResult result)
    {
        var now = _clock.Now;
        var texts = new Dictionary<RequestId, string>(result.Tokens.Length);
        var failures = new List<SampledToken>();
        var tokens = ImmutableArray.CreateBuilder<SampledToken>(result.Tokens.Length);
        foreach (var sampled in result.Tokens)
        {
            var sequence = _active[sampled.Request];
            if (sampled.Failure is not null)
            {
                failures.Add(sampled);
                tokens.Add(sampled with { EndsRequest = true });
                continue;
            }

            var (text, stopped) = sequence.Take(sampled);
            texts.Add(sampled.Request, text);
            tokens.Add(stopped ? sampled with { EndsRequest = true } : sampled);
            _metrics.TokenGenerated(sequence, now);
        }

        foreach (var states in result.HiddenStates)
        {
            _active[states.Request].Pool!.Add(states);
        }

        var completion = _scheduler.Complete(plan, new StepResult(tokens.MoveToImmutable()), now);
        foreach (var failed in failures)
        {
            if (_active.TryGetValue(failed.Request, out var sequence))
            {
                Fail(sequence.Generation, new GenerationFailedException(failed.Failure!), now);
            }
        }

        Deliver(completion, texts, now);
    }

    private void Deliver(StepCompletion completion, Dictionary<RequestId, string> texts, Instant now)
    {
        foreach (var end in completion.Finished)
        {
            texts.Remove(end.Id, out var text);
            if (_active.TryGetValue(end.Id, out var sequence))
            {
                Finish(sequence, text ?? "", end, now);
            }
        }

        foreach (var (id, text) in texts)
        {
            if (_active.TryGetValue(id, out var sequence))
            {
                DeliverText(sequence, text);
            }
        }
    }

    private static void DeliverText(ActiveSequence sequence, string text)
    {
        var next = sequence.Release(text);
        if (text.Length > 0 || next.Tokens.Length > 0)
        {
            sequence.Generation.Deliver(next);
        }
    }

    private void Finish(ActiveSequence sequence, string text, FinishedRequest end, Instant now)
    {
        var embedding = end.Reason == FinishReason.Stop ? sequence.Pool?.Take() : null;
        if (sequence.Pool is not null && end.Reason == FinishReason.Stop && embedding is null)
        {
            Fail(sequence.Generation, new GenerationFailedException("The model gave no finite hidden states: its weights are damaged or too large for single precision."), now);
            return;
        }

        _active.Remove(sequence.Request.Id);
        sequence.Generation.Active.Remove(sequence);
        sequence.Generation.Deliver(sequence.End(text, end) with { Embedding = embedding });
        _metrics.SequenceEnded(sequence, end.Reason, now);
    }

    private void CancelGeneration(GenerationHandle generation)
    {
        foreach (var sequence in generation.Active.ToArray())
        {
            var now = _clock.Now;
            _scheduler.Cancel(sequence.Request.Id, now);
            Finish(sequence, "", new(sequence.Request.Id, FinishReason.Cancelled, sequence.OutputTokens), now);
        }
    }

    /// <summary>The executor failed: the generations of this step's sequences end with an error, all others go on.</summary>
    private void FailStep(StepPlan plan, Exception cause)
    {
        EngineLog.StepFailed(_log, plan.Step, plan.Slices.Length, cause);
        var error = new GenerationFailedException("The model failed while it generated this text.", cause);
        var now = _clock.Now;
        var failed = plan.Slices.Select(slice => _active[slice.Request].Generation).Distinct().ToArray();
        foreach (var generation in failed)
        {
            Fail(generation, error, now);
        }

        // Every sequence of the plan is cancelled, so the scheduler drops these stand-ins; it only wants one per sampling slice.
        var standIns = plan.Slices.Where(slice => slice.Samples).Select(slice => new SampledToken(slice.Request, 0));
        _scheduler.Complete(plan, new StepResult([.. standIns]), now);
    }

    private void Fail(GenerationHandle generation, GenerationFailedException error, Instant now)
    {
        foreach (var sequence in generation.Active)
        {
            _active.Remove(sequence.Request.Id);
            _scheduler.Cancel(sequence.Request.Id, now);
            _metrics.SequenceFailed(sequence, now);
        }

        generation.Active.Clear();
        generation.Fail(error);
    }

    private void End(EngineState last)
    {
        // The state comes first: whoever finds the loop closed sees why.
        _state = last;
        Volatile.Write(ref _snapshot, Snapshot with { At = _clock.Now, State = last, Running = 0, Waiting = 0 });
        _commands.Writer.TryComplete();
        _wakeTimer.Dispose();
        var error = new GenerationFailedException(
            last == EngineState.Faulted ? EngineFaultedException.Explanation : "The server is shutting down.");
        foreach (var generation in _active.Values.Select(sequence => sequence.Generation).Distinct().ToArray())
        {
            generation.Fail(error);
        }

        _active.Clear();
        while (_commands.Reader.TryRead(out var command))
        {
            if (command is not EngineCommand.Submit submit)
            {
                continue;
            }

            if (last == EngineState.Faulted)
            {
                submit.Answer.SetException(new EngineFaultedException());
            }
            else
            {
                submit.Answer.SetResult(new Submission(AdmissionOutcome.ShuttingDown, null));
            }
        }
    }

    private EngineSnapshot TakeSnapshot()
    {
        var scheduler = _scheduler.Snapshot;
        return new EngineSnapshot
        {
            At = _clock.Now,
            Steps = scheduler.Counters.Steps,
            Running = scheduler.Running,
            Waiting = scheduler.Waiting,
            UsedBlocks = scheduler.TotalBlocks - scheduler.FreeBlocks,
            TotalBlocks = scheduler.TotalBlocks,
            CachedBlocks = scheduler.CachedBlocks,
            Preemptions = scheduler.Counters.Preemptions,
            PrefixQueryTokens = scheduler.Counters.PrefixQueryTokens,
            PrefixHitTokens = scheduler.Counters.PrefixHitTokens,
            Scheduler = scheduler,
            State = _state,
        };
    }
}
