using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Journal;

/// <summary>One call to a scheduler: its inputs, and the outputs that a replay must repeat.</summary>
/// <param name="At">The instant that the call was given.</param>
public abstract record JournalEntry(Instant At);

/// <summary>A call of <see cref="IScheduler.Admit"/>.</summary>
/// <param name="At">The instant that the call was given.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record AdmitEntry(Instant At, Request Request, AdmissionOutcome Outcome) : JournalEntry(At);

/// <summary>A call of <see cref="IScheduler.Cancel"/>.</summary>
/// <param name="At">The instant that the call was given.</param>
/// <param name="Id">Which request.</param>
/// <param name="WasAlive">What the call returned.</param>
public sealed record CancelEntry(Instant At, RequestId Id, bool WasAlive) : JournalEntry(At);

/// <summary>A call of <see cref="IScheduler.Plan"/>.</summary>
/// <param name="At">The instant that the call was given.</param>
/// <param name="Plan">The plan as <see cref="PlanCodec"/> writes it.</param>
public sealed record PlanEntry(Instant At, ReadOnlyMemory<byte> Plan) : JournalEntry(At);

/// <summary>A call of <see cref="IScheduler.Complete"/>. Log-probabilities are not kept: no plan depends on them.</summary>
/// <param name="At">The instant that the call was given.</param>
/// <param name="Step">Number of the plan.</param>
/// <param name="Tokens">What the step sampled.</param>
public sealed record CompleteEntry(Instant At, long Step, ImmutableArray<SampledToken> Tokens) : JournalEntry(At);

/// <summary>A call of <see cref="IScheduler.TransferEnded"/>.</summary>
/// <param name="At">The instant that the call was given.</param>
/// <param name="Ticket">Which transfer.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record TransferEndedEntry(Instant At, long Ticket, TransferOutcome Outcome) : JournalEntry(At);

/// <summary>A call of <see cref="IScheduler.Shutdown"/>.</summary>
/// <param name="At">The instant that the call was given.</param>
/// <param name="Mode">What becomes of admitted requests.</param>
public sealed record ShutdownEntry(Instant At, ShutdownMode Mode) : JournalEntry(At);
