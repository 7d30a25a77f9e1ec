using CsCheck;

namespace Rubato.LearningRates.Tests;

/// <summary>Draws pieces of text that do not belong where they are put.</summary>
internal static class Junk
{
    public static Gen<string> OneOf(params string[] pieces) => Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]);
}
