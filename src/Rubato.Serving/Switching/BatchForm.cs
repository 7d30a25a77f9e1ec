namespace Rubato.Serving.Switching;

/// <summary>What a step may hold.</summary>
public enum BatchForm
{
    /// <summary>Decodes, and chunks of prompts in the rest of the token budget (chunked prefill).</summary>
    Mixed,

    /// <summary>Either prompts, as many as the token budget holds, or decodes: prompts first (vLLM before chunked prefill).</summary>
    PromptsFirst,
}
