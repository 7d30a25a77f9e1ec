namespace Rubato.Simulation.Serving;

/// <summary>The tokens of a simulated sequence: equal beginnings have equal sources up to there, so that prefixes match for real.</summary>
internal interface ITokenSource
{
    /// <summary>The token at a position, prompt and output alike.</summary>
    int At(int position);
}
