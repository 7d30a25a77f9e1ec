using System.Collections.Immutable;

namespace Rubato.Serving;

/// <summary>The tokens before the one to be drawn: what penalties and constraints look at.</summary>
/// <remarks>
/// A view, not a copy: the scheduler only ever appends to the memory behind <paramref name="Generated"/>, so that a view of its first
/// tokens stays true, and a plan carries the history of a long sequence at the price of a short one.
/// </remarks>
/// <param name="Prompt">Token ids of the prompt.</param>
/// <param name="Generated">Token ids generated so far, in order, those before a preemption included.</param>
public readonly record struct TokenHistory(ImmutableArray<int> Prompt, ReadOnlyMemory<int> Generated);
