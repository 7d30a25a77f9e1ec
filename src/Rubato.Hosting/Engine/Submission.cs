using Rubato.Serving;

namespace Rubato.Hosting.Engine;

/// <summary>The engine's answer to a submission: all of its sequences were admitted, or none.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Generation">The running generation; null unless admitted.</param>
public sealed record Submission(AdmissionOutcome Outcome, GenerationHandle? Generation);
