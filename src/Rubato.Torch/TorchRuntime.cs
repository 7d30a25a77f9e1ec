using Rubato.Core;
using static TorchSharp.torch;

namespace Rubato.Torch;

/// <summary>Process-wide settings of libtorch.</summary>
public static class TorchRuntime
{
    /// <summary>Loads libtorch and settles threads and memory for training. Call before anything else that uses it.</summary>
    /// <param name="threads">At least 1; null for one per processor.</param>
    /// <exception cref="RubatoException">libtorch cannot be loaded.</exception>
    public static void Start(int? threads)
    {
        try
        {
            NativeRuntime.Prepare();
            set_num_threads(threads ?? Environment.ProcessorCount);
        }
        catch (Exception e) when (e is DllNotFoundException or NotSupportedException or TypeInitializationException
            or BadImageFormatException)
        {
            throw new RubatoException($"libtorch cannot be loaded: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
