using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>An admitted request and how its response is written.</summary>
internal sealed record AcceptedGeneration(
    GenerationHandle Generation, ResponseHead Head, IResponseShape Shape, Usage Usage, bool IncludesUsage);
