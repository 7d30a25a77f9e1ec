using Rubato.Core;
using Rubato.Inference.Models;
using Rubato.Kernels.Memory;
using Rubato.Models;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Tests.Models;

public class DecoderModelTests
{
    [Fact]
    public void FromGguf_UnsupportedType_IsRefusedByName()
    {
        using var zeros = new PinnedBytes(new byte[100_000]);
        using var file = WriteWith(RandomModel.Configuration, (writer, name, dimensions) =>
        {
            var type = name == TensorNames.FeedForwardUp(1) ? GgmlType.I8 : GgmlType.F32;
            var bytes = type.RowBytes(dimensions[0]) * dimensions.Skip(1).Aggregate(1L, (a, b) => a * b);
            writer.AddTensor(name, dimensions, type, zeros.Region.Slice(0, bytes));
        });
        var exception = Assert.Throws<InvalidFormatException>(() => DecoderModel.FromGguf(file));
        Assert.Contains("blk.1.ffn_up.weight", exception.Message);
        Assert.Contains("I8", exception.Message);
    }

    [Fact]
    public void FromGguf_TensorThatIsNoPartOfTheModel_IsRefusedByName()
    {
        using var file = WriteWith(RandomModel.Configuration, (writer, name, dimensions) =>
        {
            writer.AddTensor(name, dimensions, GgmlType.F32, (_, row) => row.Clear());
            if (name == TensorNames.AttentionQuery(0))
            {
                writer.AddTensor("blk.0.attn_rot_embd.weight", [dimensions[1]], GgmlType.F32, (_, row) => row.Clear());
            }
        });
        Assert.Contains("blk.0.attn_rot_embd.weight", Assert.Throws<InvalidFormatException>(() => DecoderModel.FromGguf(file)).Message);
    }

    [Fact]
    public void WeightBytesPerPass_CountsEveryMatrixOnceAndTheHead()
    {
        using var tied = DecoderModel.FromGguf(RandomModel.Write(RandomModel.Configuration, seed: 1));
        using var untied = DecoderModel.FromGguf(RandomModel.Write(RandomModel.Configuration with { TiedHead = false }, seed: 1));
        var matrices = RandomModel.Configuration.Tensors().Where(tensor => tensor.Dimensions.Length == 2).Sum(tensor => tensor.ElementCount);
        Assert.Equal(4 * matrices, tied.WeightBytesPerPass);
        Assert.Equal(tied.WeightBytesPerPass, untied.WeightBytesPerPass);
    }

    [Fact]
    public void WeightBytesPerPass_OfExperts_CountsThoseThatATokenUses()
    {
        var configuration = ModelVariants.All["mixtral"];
        using var model = DecoderModel.FromGguf(RandomModel.Write(configuration, seed: 1));
        var all = configuration.Tensors().Where(tensor => tensor.Dimensions.Length == 2).Sum(tensor => tensor.ElementCount);
        var experts = configuration.Tensors().Where(tensor => tensor.Dimensions.Length == 3).Sum(tensor => tensor.ElementCount);
        Assert.Equal(4 * (all + (experts * 2 / 5)), model.WeightBytesPerPass);
    }

    [Theory]
    [InlineData("frequency factors", "rope_freqs.weight", float.NaN)]
    [InlineData("frequency factors", "rope_freqs.weight", 0f)]
    [InlineData("phi3, long", "rope_factors_short.weight", -1f)]
    [InlineData("longrope", "rope_factors_long.weight", float.PositiveInfinity)]
    public void FromGguf_FactorsThatAreNoFactors_AreRefusedByName(string variant, string tensor, float value)
    {
        using var file = RandomModel.Write(ModelVariants.All[variant], seed: 1, change: (name, number) => name == tensor ? value : number);
        var exception = Assert.Throws<InvalidFormatException>(() => DecoderModel.FromGguf(file));
        Assert.Contains(tensor, exception.Message);
    }

    private static GgufFile WriteWith(
        ModelConfiguration configuration, Action<GgufWriter, string, System.Collections.Immutable.ImmutableArray<long>> add)
    {
        var writer = new GgufWriter();
        configuration.WriteTo(writer);
        foreach (var (name, dimensions) in configuration.Tensors())
        {
            add(writer, name, dimensions);
        }

        using var stream = new MemoryStream();
        writer.WriteTo(stream);
        return GgufFile.Parse(stream.ToArray(), "changed.gguf");
    }
}
