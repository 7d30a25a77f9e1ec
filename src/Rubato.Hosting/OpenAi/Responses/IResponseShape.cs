using System.Text.Json;
using Rubato.Hosting.Engine;

namespace Rubato.Hosting.OpenAi.Responses;

/// <summary>How one endpoint writes the choices of its responses.</summary>
internal interface IResponseShape
{
    /// <summary>The value of <c>object</c> in a whole response.</summary>
    ReadOnlySpan<byte> WholeObject { get; }

    /// <summary>The value of <c>object</c> in a chunk of a stream.</summary>
    ReadOnlySpan<byte> ChunkObject { get; }

    /// <summary>Writes one item of <c>choices</c> of a whole response.</summary>
    void WriteWhole(Utf8JsonWriter json, ChoiceText choice);

    /// <summary>What an event becomes: each part is a chunk of its own. The events of one sequence come in order.</summary>
    IEnumerable<GenerationEvent> Split(GenerationEvent next) => [next];

    /// <summary>Writes one item of <c>choices</c> of a chunk.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="next">What the choice gained.</param>
    /// <param name="textBefore">Characters that the choice had before.</param>
    /// <param name="isFirst">Whether this is the first chunk of the choice.</param>
    void WriteChunk(Utf8JsonWriter json, GenerationEvent next, int textBefore, bool isFirst);
}
