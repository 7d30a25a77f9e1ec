using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Rubato.Simulation.Serving;

/// <summary>Makes prompts out of token sources.</summary>
internal static class Prompt
{
    /// <summary>The first <paramref name="length"/> tokens.</summary>
    public static ImmutableArray<int> Of(ITokenSource tokens, int length)
    {
        var prompt = new int[length];
        for (var position = 0; position < length; position++)
        {
            prompt[position] = tokens.At(position);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(prompt);
    }
}
