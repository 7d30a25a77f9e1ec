using Rubato.Core;
using Rubato.Serving;

namespace Rubato.Simulation.Serving;

/// <summary>A request together with what the world, but not the scheduler, knows of it.</summary>
/// <param name="Request">What the scheduler is given.</param>
/// <param name="Client">Number of the client.</param>
/// <param name="OutputTokens">Tokens after which the model ends its answer by the stop token; may lie above the request's limit.</param>
/// <param name="StopStringTokens">Tokens after which the host finds a stop string; null: it finds none.</param>
/// <param name="CancelAfter">Time after which the client leaves; null: it stays.</param>
internal sealed record RequestScript(Request Request, int Client, int OutputTokens, int? StopStringTokens, Duration? CancelAfter)
{
    public const int StopToken = 0;
    private const int VocabularySize = 1000;

    /// <summary>What its tokens are made of.</summary>
    public required TokenSource Tokens { get; init; }

    /// <summary>Tokens that the request generates when nobody cancels it.</summary>
    public int ExpectedTokens => Math.Min(Math.Min(OutputTokens, Request.OutputTokensMax), StopStringTokens ?? int.MaxValue);

    /// <summary>How the request ends when nobody cancels it.</summary>
    public FinishReason ExpectedReason =>
        ExpectedTokens == OutputTokens || ExpectedTokens == StopStringTokens ? FinishReason.Stop : FinishReason.Length;

    /// <summary>The token at any position of the sequence, prompt and output alike: it depends on request and position only.</summary>
    public int TokenAt(int position) =>
        position == Request.PromptTokens.Length + OutputTokens - 1 ? StopToken : Tokens.At(position);

    /// <summary>Tokens that depend on the group up to some position, and on the request from there on.</summary>
    public readonly record struct TokenSource(RequestId Id, int Group, int GroupTokens)
    {
        public int At(int position)
        {
            var key = position < GroupTokens ? ~(ulong)Group : (ulong)Id.Value;
            return 1 + (int)(Prng.Mix(key, (ulong)position) % (VocabularySize - 1));
        }
    }
}
