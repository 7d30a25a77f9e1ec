using System.Runtime.CompilerServices;

// Live tensors are counted for the whole process, and libtorch uses all threads by itself.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Rubato.Torch.Tests;

internal static class AssemblySetup
{
    [ModuleInitializer]
    internal static void Start() => TorchRuntime.Start(threads: 2);
}
