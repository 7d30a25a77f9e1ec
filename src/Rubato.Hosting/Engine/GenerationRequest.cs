using System.Collections.Immutable;
using Rubato.Models.Grammars;
using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>One sequence to generate, as the engine takes it: the host assigns the <see cref="RequestId"/>.</summary>
public sealed record GenerationRequest
{
    /// <summary>What kind of request this is, for the metrics.</summary>
    public GenerationOperation Operation { get; init; }

    /// <summary>Who asks: the outer unit of fairness. Empty for an unnamed client.</summary>
    public string Client { get; init; } = "";

    /// <inheritdoc cref="Request.User"/>
    public string User { get; init; } = "";

    /// <inheritdoc cref="Request.Priority"/>
    public int Priority { get; init; }

    /// <summary>Token ids of the prompt, special tokens included; at least one.</summary>
    public required ImmutableArray<int> PromptTokens { get; init; }

    /// <summary>The generation ends after this many tokens; at least one, or 0 for an embedding.</summary>
    public required int OutputTokensMax { get; init; }

    /// <summary>How hidden states become the vector that is wanted in place of text; null generates text.</summary>
    public EmbeddingPooling? Pooling { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public SamplingParameters Sampling { get; init; } = SamplingParameters.Greedy;

    /// <inheritdoc cref="Request.CacheSalt"/>
    public string CacheSalt { get; init; } = "";

    /// <summary>What may be generated, for this sequence alone; null allows everything. Called on the engine thread.</summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>
    /// The grammar that the output follows; null for any text. The generation ends where nothing can follow. Where the grammar has free
    /// text, stop texts are looked for; elsewhere they are not, for they would cut a JSON value in two.
    /// </summary>
    public TokenGrammar? Grammar { get; init; }

    /// <summary>Control tokens that are part of the text, by their spelling.</summary>
    public ImmutableArray<int> SpelledTokens { get; init; } = [];

    /// <summary>The generation ends before the first occurrence of any of these texts; none is empty.</summary>
    public ImmutableArray<string> StopTexts { get; init; } = [];

    /// <summary>Goes on past the model's end-of-text tokens (for measurements that need an exact length).</summary>
    public bool IgnoresEndOfText { get; init; }
}
