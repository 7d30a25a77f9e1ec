using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>A request together with what the world, but not the scheduler, knows of it.</summary>
/// <param name="Request">What the scheduler is given.</param>
/// <param name="Client">Number of the client, or of the conversation.</param>
/// <param name="OutputTokens">Tokens after which the model ends its answer by the stop token; may lie above the request's limit.</param>
/// <param name="StopStringTokens">Tokens after which the host finds a stop string; null: it finds none.</param>
/// <param name="CancelAfter">Time after which the client leaves; null: it stays.</param>
internal sealed record RequestScript(Request Request, int Client, int OutputTokens, int? StopStringTokens, Duration? CancelAfter)
{
    public const int StopToken = 0;

    /// <summary>As <see cref="OutputTokens"/>, of a model that never gives the stop token.</summary>
    public const int NoStopToken = 1 << 30;

    /// <summary>What its tokens are made of.</summary>
    public required ITokenSource Tokens { get; init; }

    /// <summary>Tokens that the request generates when nobody cancels it.</summary>
    public int ExpectedTokens => Math.Min(Math.Min(OutputTokens, Request.OutputTokensMax), StopStringTokens ?? int.MaxValue);

    /// <summary>How the request ends when nobody cancels it.</summary>
    public FinishReason ExpectedReason =>
        ExpectedTokens == OutputTokens || ExpectedTokens == StopStringTokens ? FinishReason.Stop : FinishReason.Length;

    /// <summary>The token at any position of the sequence, prompt and output alike: it depends on the script and the position only.</summary>
    public int TokenAt(int position) =>
        position == Request.PromptTokens.Length + OutputTokens - 1 ? StopToken : Tokens.At(position);
}
