using System.Collections.Immutable;
using Rubato.Hosting.Output;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>What one step added to one sequence of a generation.</summary>
public sealed record GenerationEvent
{
    /// <summary>Which sequence of the submission, from 0.</summary>
    public required int Sequence { get; init; }

    /// <summary>Text that became final. May be empty: incomplete characters and possible beginnings of a stop text are held back.</summary>
    public required string Text { get; init; }

    /// <summary>The tokens behind the text that became final, in order; tokens of a stop text never appear.</summary>
    public required ImmutableArray<GeneratedToken> Tokens { get; init; }

    /// <summary>The vector of a request for an embedding, of length 1; null for text, and when the request was cancelled.</summary>
    public float[]? Embedding { get; init; }

    /// <summary>What a call of a function gained; the text is then empty, or is content before it.</summary>
    internal ToolCallDelta? Call { get; init; }

    /// <summary>Set on the last event of the sequence only.</summary>
    public GenerationEnd? End { get; init; }
}

/// <summary>One generated token.</summary>
/// <param name="Token">Token id.</param>
/// <param name="LogProbabilities">Natural log-probabilities, when the request asked for them.</param>
public readonly record struct GeneratedToken(int Token, TokenLogProbabilities? LogProbabilities);

/// <summary>How a sequence ended.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="OutputTokens">Tokens generated, the stop token and tokens of a stop text included.</param>
public sealed record GenerationEnd(FinishReason Reason, int PromptTokens, int OutputTokens)
{
    /// <summary>Tokens of the prompt that were not computed, for their keys and values were in the prefix cache.</summary>
    public int CachedTokens { get; init; }
}
