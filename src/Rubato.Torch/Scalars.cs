using TorchSharp;

namespace Rubato.Torch;

/// <summary>Scalars that live as long as the program. Sums of tensors take <see cref="One"/> as alpha: left out, the library makes one on the way (docs/decisions/0006).</summary>
internal static class Scalars
{
    public static readonly Scalar One = 1;
}
