using Rubato.Core;
using Rubato.Torch.Optimizers;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Rubato.Torch.Tests.Optimizers;

public sealed class MomentumSgdTests
{
    [Fact]
    public void Equals_the_library_s_optimiser()
    {
        using var ours = nn.Parameter(ones(7));
        using var theirs = nn.Parameter(ones(7));
        using var optimizer = new MomentumSgd([ours]);
        using var library = SGD([theirs], 0.1, momentum: 0.9, weight_decay: 0.05);
        var random = new Prng(1);
        for (var update = 0; update < 30; update++)
        {
            var gradient = Enumerable.Range(0, 7).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
            (ours.grad, theirs.grad) = (tensor(gradient), tensor(gradient));
            var rate = 0.1 / (1 + update);
            optimizer.Step(rate, 0.9, 0.05);
            library.ParamGroups.Single().LearningRate = rate;
            _ = library.step();
            Assert.All(ours.data<float>().ToArray().Zip(theirs.data<float>().ToArray()), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }
    }
}
