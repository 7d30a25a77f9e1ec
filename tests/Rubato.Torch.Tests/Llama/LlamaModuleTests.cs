using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Torch.Llama;
using static TorchSharp.torch;

namespace Rubato.Torch.Tests.Llama;

public sealed class LlamaModuleTests
{
    private const int Vocabulary = 50;

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    [InlineData(true, 4)]
    public void Equals_the_definition(bool tied, int keyValueHeads)
    {
        using var model = Randomized(tied, keyValueHeads);
        using var file = ToFile(model);
        var reference = new ReferenceLlama(model.Configuration, name =>
        {
            var tensor = file.GetTensor(name);
            var values = new float[tensor.ElementCount];
            for (var row = 0; row < tensor.RowCount; row++)
            {
                file.ReadRow(tensor, row, values.AsSpan(row * (int)tensor.RowLength, (int)tensor.RowLength));
            }

            return Array.ConvertAll(values, value => (double)value);
        });
        var tokens = Small.RandomTokens(new Prng(3), 12, Vocabulary);
        var expected = reference.Logits(tokens);
        var actual = model.Logits(tokens);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void A_later_token_never_changes_earlier_logits()
    {
        using var model = Randomized(tied: true, keyValueHeads: 2);
        var random = new Prng(7);
        for (var trial = 0; trial < 20; trial++)
        {
            using var scope = NewDisposeScope();
            var length = random.NextInt32(2, 40);
            var changed = random.NextInt32(1, length);
            var tokens = Small.RandomTokens(random, length, Vocabulary);
            var before = Forward(tokens);
            tokens[changed] = (tokens[changed] + 1 + random.NextInt32(Vocabulary - 1)) % Vocabulary;
            var after = Forward(tokens);
            Assert.True(before.narrow(1, 0, changed).equal(after.narrow(1, 0, changed)).all().item<bool>(), $"trial {trial}");
            Assert.False(before.narrow(1, changed, 1).equal(after.narrow(1, changed, 1)).all().item<bool>(), $"trial {trial}");
        }

        Tensor Forward(int[] tokens) => model.forward(tensor(Array.ConvertAll(tokens, t => (long)t), [1, tokens.Length]));
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        using var model = Randomized(tied: true, keyValueHeads: 2);
        using var scope = NewDisposeScope();
        var random = new Prng(11);
        var tokens = tensor(Array.ConvertAll(Small.RandomTokens(random, 20, Vocabulary), t => (long)t), [2, 10]);
        var targets = tensor(Array.ConvertAll(Small.RandomTokens(random, 20, Vocabulary), t => (long)t), [2, 10]);
        model.Loss(tokens, targets).backward();
        using var unrecorded = no_grad();
        var gradient = model.Parameters.Gradients;
        double norm = gradient.norm().item<float>();
        const double Distance = 0.02;
        model.Parameters.Values.add_(gradient, alpha: Distance / 2 / norm);
        double up = model.Loss(tokens, targets).item<float>();
        model.Parameters.Values.add_(gradient, alpha: -Distance / norm);
        double down = model.Loss(tokens, targets).item<float>();
        Assert.InRange((up - down) / Distance / norm, 0.99, 1.01);
    }

    [Fact]
    public void Products_in_bfloat16_change_loss_and_gradient_by_little()
    {
        using var model = Randomized(tied: true, keyValueHeads: 2);
        using var scope = NewDisposeScope();
        var tokens = tensor(Array.ConvertAll(Small.RandomTokens(new Prng(5), 64, Vocabulary), t => (long)t), [2, 32]);
        var (exactLoss, exactGradient) = Measure(MatrixPrecision.Float32);
        var (loss, gradient) = Measure(MatrixPrecision.BFloat16);
        Assert.NotEqual(exactLoss, loss);
        Assert.Equal(1, loss / exactLoss, 0.01f);
        Assert.InRange((gradient - exactGradient).norm().item<float>() / exactGradient.norm().item<float>(), 1e-5, 0.05);

        (float, Tensor) Measure(MatrixPrecision precision)
        {
            model.Precision = precision;
            model.Parameters.Gradients.zero_();
            var loss = model.Loss(tokens, tokens.roll(-1, 1));
            loss.backward();
            return (loss.item<float>(), model.Parameters.Gradients.clone());
        }
    }

    [Fact]
    public void Targets_that_do_not_count_add_nothing()
    {
        using var model = Randomized(tied: true, keyValueHeads: 2);
        using var scope = NewDisposeScope();
        var tokens = tensor(new long[] { 1, 2, 3, 4 }, [1, 4]);
        var all = model.Loss(tokens, tensor(new long[] { 2, 3, 4, 5 }, [1, 4])).item<float>();
        var first = model.Loss(tokens, tensor(new long[] { 2, 3, -100, -100 }, [1, 4])).item<float>();
        var last = model.Loss(tokens, tensor(new long[] { -100, -100, 4, 5 }, [1, 4])).item<float>();
        Assert.Equal(all, first + last, 1e-4f);
    }

    [Fact]
    public void Has_the_parameters_of_its_configuration_and_starts_from_the_seed()
    {
        using var model = Small.Model(seed: 5);
        using var same = Small.Model(seed: 5);
        using var other = Small.Model(seed: 6);
        Assert.Equal(model.Configuration.ParameterCount, model.Parameters.Count);
        Assert.Equal(model.Parameters.Count, model.parameters().Sum(parameter => parameter.numel()));
        Assert.True(model.Parameters.Values.equal(same.Parameters.Values).all().item<bool>());
        Assert.False(model.Parameters.Values.equal(other.Parameters.Values).all().item<bool>());
    }

    internal static LlamaModule Randomized(bool tied, int keyValueHeads)
    {
        var model = new LlamaModule(Small.Configuration(Vocabulary, tied, keyValueHeads), seed: 1);
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        model.Parameters.Values.copy_(model.Parameters.Values + randn(model.Parameters.Count, generator: new Generator(9)) * 0.15);
        return model;
    }

    private static GgufFile ToFile(LlamaModule model)
    {
        var writer = new GgufWriter();
        GgufWeights.AddTensors(model, writer, GgmlType.F32);
        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return GgufFile.Parse(stream.ToArray(), "model");
    }
}
