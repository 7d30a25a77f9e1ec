using Rubato.Torch.Llama;
using Rubato.Torch.Training;
using static TorchSharp.torch;

namespace Rubato.Torch.Tests;

/// <summary>The numbers that go to libtorch must live until it has read them, whatever the garbage collector does meanwhile.</summary>
/// <remarks>TorchSharp's implicit scalars do not: seen as internal errors of libtorch, about once in ten thousand calls beside a busy collector.</remarks>
public sealed class GarbageCollectionTests
{
    private const int Calls = 60_000;

    [Fact]
    public void Norms_do_not_depend_on_collections() => BesideCollections(() =>
    {
        using var input = ones(2);
        using var gain = ones(2);
        using var norm = new RootMeanSquareNorm(1e-5);
        using var expected = norm.Apply(input, gain);
        for (var i = 0; i < Calls; i++)
        {
            using var scope = NewDisposeScope();
            Assert.True(norm.Apply(input, gain).equal(expected).all().item<bool>());
        }
    });

    [Fact]
    public void Updates_do_not_depend_on_collections() => BesideCollections(() =>
    {
        using var parameters = new FlatParameters([("matrix", [2, 2])]);
        using var optimizer = new AdamW(parameters, new());
        parameters.Gradients.copy_(ones(4));
        for (var i = 0; i < Calls / 4; i++)
        {
            optimizer.Step(1_000_000, 1e-6, 1);
        }

        var values = parameters.Values.data<float>().ToArray();
        Assert.All(values, value => Assert.Equal(-Calls / 4 * 1e-6, value, 1e-3));
    });

    private static void BesideCollections(Action action)
    {
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            action();
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }
}
