using CsCheck;
using Rubato.Core;
using Rubato.Torch.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rubato.Torch.Tests.Optimizers;

public sealed class ScheduleFreeSgdTests
{
    [Fact]
    public void Equals_the_three_sequences_in_double_precision() =>
        Gen.Select(Gen.Double[0.05, 1], Gen.Double[0.5, 1], Gen.Double[0, 0.1], Gen.Int[0, 8], Gen.Int[1, 30]).Sample((rate, beta, decay, warmup, updates) =>
        {
            const double Target = 3;
            using var weight = nn.Parameter(ones(1));
            using var optimizer = new ScheduleFreeSgd([weight], rate, beta, decay, warmup);
            var (x, z, largest, sum) = (1.0, 1.0, 0.0, 0.0);
            for (var k = 0; k < updates; k++)
            {
                Descend(weight, optimizer, Target);
                var y = (1 - beta) * z + beta * x;
                var now = rate * (k < warmup ? (k + 1.0) / warmup : 1);
                largest = Math.Max(largest, now);
                sum += largest * largest;
                z -= now * (y - Target + decay * y);
                x += largest * largest / sum * (z - x);
            }

            Assert.Equal((1 - beta) * z + beta * x, weight.item<float>(), 1e-4);
            optimizer.Eval();
            Assert.Equal(x, weight.item<float>(), 1e-4);
            optimizer.Eval();
            Assert.Equal(x, weight.item<float>(), 1e-4);
            optimizer.Train();
            Assert.Equal((1 - beta) * z + beta * x, weight.item<float>(), 1e-4);
        }, iter: 40);

    [Fact]
    public void Goes_on_bit_for_bit_from_a_saved_state()
    {
        using var weight = nn.Parameter(ones(1));
        using var optimizer = new ScheduleFreeSgd([weight], 0.3, 0.9, 0.01, 4);
        for (var k = 0; k < 7; k++)
        {
            Descend(weight, optimizer, 2);
        }

        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            optimizer.save_state_dict(writer);
        }

        stream.Position = 0;
        using var second = nn.Parameter(weight.detach().clone());
        using var resumed = new ScheduleFreeSgd([second], 1);
        using var reader = new BinaryReader(stream);
        resumed.load_state_dict(reader);
        for (var k = 0; k < 20; k++)
        {
            Descend(weight, optimizer, 2);
            Descend(second, resumed, 2);
            Assert.Equal(weight.item<float>(), second.item<float>());
        }
    }

    [Fact]
    public void Refuses_to_train_the_average()
    {
        using var weight = nn.Parameter(ones(1));
        using var optimizer = new ScheduleFreeSgd([weight], 0.1);
        optimizer.Eval();
        Assert.False(optimizer.Training);
        _ = Assert.Throws<InvalidOperationException>(() => optimizer.step());
    }

    [Theory]
    [InlineData(0, 0.9, 0)]
    [InlineData(double.NaN, 0.9, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1.5, 0)]
    [InlineData(1, 0.9, -1)]
    public void Constants_out_of_range_are_refused(double rate, double beta, double decay)
    {
        using var weight = nn.Parameter(ones(1));
        _ = Assert.Throws<InvalidOptionException>(() => new ScheduleFreeSgd([weight], rate, beta, decay));
    }

    /// <summary>One update on ½ (w − target)².</summary>
    private static void Descend(Parameter weight, ScheduleFreeSgd optimizer, double target)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        (0.5 * (weight - target).square()).sum().backward();
        _ = optimizer.step();
    }
}
