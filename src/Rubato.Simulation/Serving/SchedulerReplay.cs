using System.Globalization;
using System.Text;
using Rubato.Core;
using Rubato.Serving;
using Rubato.Serving.Journal;

namespace Rubato.Simulation.Serving;

/// <summary>Repeats a recorded run: same scheduler, recorded inputs, virtual clock; every plan must be the recorded one.</summary>
public sealed class SchedulerReplay
{
    private const int ContextBytes = 40;
    private readonly JournalReader _journal;
    private readonly Scheduler _scheduler;
    private readonly HashSet<long> _transfers = [];
    private readonly VirtualClock _clock = new(new(long.MinValue));
    private StepPlan? _outstanding;
    private long _plans;
    private long _calls;
    private string? _difference;

    private SchedulerReplay(JournalReader journal)
    {
        _journal = journal;
        _scheduler = journal.Header.CreateScheduler();
    }

    /// <summary>Replays <paramref name="journal"/> to its end, or to the first output that differs.</summary>
    /// <param name="journal">A journal of which only the header has been read.</param>
    /// <param name="log">Gets one line per call; null for none.</param>
    /// <exception cref="InvalidFormatException">The journal breaks its format, or no scheduler can have had these inputs.</exception>
    /// <exception cref="InvalidOptionException">The journal names a policy that is not built in.</exception>
    public static ReplayResult Run(JournalReader journal, TextWriter? log = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        return new SchedulerReplay(journal).Run(log);
    }

    private ReplayResult Run(TextWriter? log)
    {
        while (_difference is null && _journal.Read() is { } entry)
        {
            _clock.AdvanceTo(entry.At);
            var line = Repeat(entry);
            _calls++;
            var verdict = _difference is null ? "" : " DIFFERS";
            log?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_clock.Now.Seconds:F6}s {line}{verdict}"));
        }

        return new(_plans, _calls, _difference is null, _difference, _journal.CutShort);
    }

    private string Repeat(JournalEntry entry)
    {
        switch (entry)
        {
            case AdmitEntry admit:
                Compare("the outcome", admit.Outcome, _scheduler.Admit(admit.Request, _clock.Now));
                return $"admit {admit.Request.Id} prompt={admit.Request.PromptTokens.Length}: {admit.Outcome}";
            case CancelEntry cancel:
                Compare("whether it was alive", cancel.WasAlive, _scheduler.Cancel(cancel.Id, _clock.Now));
                return $"cancel {cancel.Id}";
            case PlanEntry recorded:
                _outstanding = _scheduler.Plan(_clock.Now);
                _plans++;
                _transfers.UnionWith(_outstanding.Transfers.Select(transfer => transfer.Ticket));
                ComparePlans(recorded.Plan.Span, PlanCodec.Encode(_outstanding));
                return $"plan {_outstanding.Step} slices={_outstanding.Slices.Length} tokens={_outstanding.TokenCount}";
            case CompleteEntry complete:
                var completion = _scheduler.Complete(Outstanding(complete), new(complete.Tokens), _clock.Now);
                return $"complete {complete.Step} emitted={completion.Emitted.Length} finished={completion.Finished.Length}";
            case TransferEndedEntry transfer:
                if (!_transfers.Remove(transfer.Ticket))
                {
                    throw new InvalidFormatException($"{_journal.Place}: no plan before it orders transfer {transfer.Ticket}.");
                }

                _scheduler.TransferEnded(transfer.Ticket, transfer.Outcome, _clock.Now);
                return $"transfer {transfer.Ticket}: {transfer.Outcome}";
            case ShutdownEntry shutdown:
                _scheduler.Shutdown(shutdown.Mode, _clock.Now);
                return $"shutdown {shutdown.Mode}";
            default:
                throw new ArgumentException($"A replay has no call for {entry.GetType().Name}.", nameof(entry));
        }
    }

    /// <summary>The outstanding plan, when the recorded tokens are those that it samples.</summary>
    private StepPlan Outstanding(CompleteEntry complete)
    {
        Check.Invariant(_outstanding is not null, $"the reader lets step {complete.Step} complete without a plan");
        var sampled = _outstanding.Slices.Where(slice => slice.Samples).Select(slice => slice.Request);
        return sampled.SequenceEqual(complete.Tokens.Select(token => token.Request))
            ? _outstanding
            : throw new InvalidFormatException($"{_journal.Place}: the tokens are not those that step {complete.Step} samples.");
    }

    private void Compare<T>(string what, T recorded, T repeated)
        where T : struct
    {
        if (!recorded.Equals(repeated))
        {
            _difference = $"{_journal.Place}: {what} was {recorded}, the replay gives {repeated}";
        }
    }

    private void ComparePlans(ReadOnlySpan<byte> recorded, ReadOnlySpan<byte> repeated)
    {
        if (!recorded.SequenceEqual(repeated))
        {
            var at = recorded.CommonPrefixLength(repeated);
            _difference = $"{_journal.Place}: plan {_plans - 1} differs at byte {at}: "
                + $"recorded …{Around(recorded, at)}…, the replay gives …{Around(repeated, at)}…";
        }
    }

    private static string Around(ReadOnlySpan<byte> bytes, int at)
    {
        var start = Math.Max(0, at - ContextBytes);
        return Encoding.UTF8.GetString(bytes[start..Math.Min(bytes.Length, at + ContextBytes)]);
    }
}
