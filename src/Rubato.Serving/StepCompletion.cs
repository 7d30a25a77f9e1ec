using System.Collections.Immutable;

namespace Rubato.Serving;

/// <summary>What one completed step means for the clients.</summary>
/// <param name="Emitted">Generated tokens, in the order of the plan's slices; none for requests cancelled meanwhile.</param>
/// <param name="Finished">
/// Requests that ended since the last completion: those of this step, and those cancelled before it. Every admitted request is
/// listed in exactly one completion.
/// </param>
public sealed record StepCompletion(ImmutableArray<EmittedToken> Emitted, ImmutableArray<FinishedRequest> Finished);
