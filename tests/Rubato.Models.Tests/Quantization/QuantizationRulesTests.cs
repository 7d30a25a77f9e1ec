using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Quantization;

namespace Rubato.Models.Tests.Quantization;

public sealed class QuantizationRulesTests
{
    [Theory]
    [InlineData(GgmlType.Q4_K, 512, GgmlType.Q4_K)]
    [InlineData(GgmlType.Q2_K, 704, GgmlType.IQ4_NL)]
    [InlineData(GgmlType.Q3_K, 704, GgmlType.IQ4_NL)]
    [InlineData(GgmlType.Q4_K, 704, GgmlType.Q5_0)]
    [InlineData(GgmlType.Q5_K, 704, GgmlType.Q5_1)]
    [InlineData(GgmlType.Q6_K, 704, GgmlType.Q8_0)]
    [InlineData(GgmlType.Q8_0, 704, GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0, 704, GgmlType.Q4_0)]
    [InlineData(GgmlType.Q4_0, 40, GgmlType.F16)]
    [InlineData(GgmlType.Q2_K, 40, GgmlType.F16)]
    [InlineData(GgmlType.Q6_K, 40, GgmlType.F16)]
    [InlineData(GgmlType.BF16, 40, GgmlType.BF16)]
    public void Rows_that_are_no_whole_number_of_blocks_get_the_next_larger_type(GgmlType asked, long rowLength, GgmlType expected)
    {
        var reason = asked == expected ? QuantizationReason.Asked : QuantizationReason.RowLength;
        Assert.Equal((expected, reason), QuantizationRules.Choose(Matrix(rowLength), isOutputHead: false, new() { Type = asked }));
    }

    [Theory]
    [InlineData(GgmlType.Q2_K, 256, GgmlType.Q6_K)]
    [InlineData(GgmlType.Q4_0, 256, GgmlType.Q6_K)]
    [InlineData(GgmlType.Q4_K, 288, GgmlType.Q8_0)]
    [InlineData(GgmlType.Q6_K, 256, GgmlType.Q6_K)]
    [InlineData(GgmlType.Q8_0, 256, GgmlType.Q8_0)]
    [InlineData(GgmlType.F16, 256, GgmlType.F16)]
    public void The_output_head_gets_six_bits_at_least_unless_pure(GgmlType asked, long rowLength, GgmlType expected)
    {
        Assert.Equal(expected, QuantizationRules.Choose(Matrix(rowLength), isOutputHead: true, new() { Type = asked }).Type);
        if (rowLength == 256)
        {
            Assert.Equal((asked, QuantizationReason.Asked), QuantizationRules.Choose(Matrix(rowLength), isOutputHead: true, new() { Type = asked, Pure = true }));
        }
    }

    [Fact]
    public void Vectors_stay_F32_whatever_is_asked_for()
    {
        var vector = new GgufTensor("output_norm.weight", [256], GgmlType.F16, 0, 512);
        Assert.All(QuantizationRules.Types, entry => Assert.Equal(
            (GgmlType.F32, QuantizationReason.Vector), QuantizationRules.Choose(vector, isOutputHead: false, new() { Type = entry.Type })));
    }

    [Fact]
    public void Routers_stay_F32_and_experts_do_not()
    {
        var router = new GgufTensor("blk.3.ffn_gate_inp.weight", [256, 8], GgmlType.F16, 0, 4096);
        var experts = new GgufTensor("blk.3.ffn_gate_exps.weight", [256, 64, 8], GgmlType.F16, 0, 262144);
        Assert.All(QuantizationRules.Types, entry =>
        {
            Assert.Equal((GgmlType.F32, QuantizationReason.Router), QuantizationRules.Choose(router, isOutputHead: false, new() { Type = entry.Type }));
            Assert.Equal((entry.Type, QuantizationReason.Asked), QuantizationRules.Choose(experts, isOutputHead: false, new() { Type = entry.Type }));
        });
    }

    [Fact]
    public void Every_supported_type_can_be_asked_for_by_name_and_no_other()
    {
        Assert.Equal(Enum.GetValues<GgmlType>().Where(type => type.IsSupported()), QuantizationRules.Types.Select(entry => entry.Type).Order());
        Assert.Equal(QuantizationRules.Types.Length, QuantizationRules.Types.Select(entry => entry.FileType).Distinct().Count());
        Assert.All(QuantizationRules.Types, entry => Assert.Equal(entry.Type, QuantizationRules.Parse(entry.Type.ToString().ToLowerInvariant())));
        foreach (var name in new[] { "", "Q4_K_M", "IQ4_XS", "12", "F32 " })
        {
            Assert.StartsWith($"--type {name}: choose one of F32, F16, ", Assert.Throws<InvalidOptionException>(() => QuantizationRules.Parse(name)).Message, StringComparison.Ordinal);
        }
    }

    private static GgufTensor Matrix(long rowLength) => new("blk.0.attn_q.weight", [rowLength, 2], GgmlType.F32, 0, 8 * rowLength);
}
