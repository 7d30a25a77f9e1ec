using Rubato.Core;
using Rubato.Models.Gguf;
using Rubato.Models.Quantization;
using Rubato.Models.Tests.Gguf;

namespace Rubato.Models.Tests.Quantization;

/// <summary>From a hostile file comes a refusal in one line, or a sound model of finite numbers: never a broken one.</summary>
public sealed class QuantizationFuzzTests
{
    private const int Runs = 2_500;
    private const ulong Seed = 0x7175_616E_7469_7A65;

    private static readonly GgmlType[] SourceTypes = [GgmlType.F32, GgmlType.F16, GgmlType.BF16];

    [Fact]
    public void Mutated_models_are_refused_or_become_sound_models()
    {
        var root = new Prng(Seed);
        var files = Array.ConvertAll(SourceTypes, type => RandomLlama.Bytes(RandomLlama.Narrow, 1, type));
        var fields = Array.ConvertAll(files, GgufFields.Of);
        var (sound, refusals) = (0, new HashSet<string>());
        for (var run = 0; run < FuzzScale.Times(Runs); run++)
        {
            var prng = root.Split((ulong)run);
            var file = prng.NextInt32(files.Length);
            var input = run % 3 == 0 ? Poison(files[file], prng) : new GgufMutator(prng).Mutate(run % GgufMutator.Kinds.Length, files[file], fields[file]);
            var type = QuantizationRules.Types[prng.NextInt32(QuantizationRules.Types.Length)].Type;
            var bound = HostileInputBound.Start();
            try
            {
                using var source = GgufFile.Parse(input, "fuzzed");
                using var written = ModelQuantizerTests.Parse(new(source, new() { Type = type, Pure = prng.Chance(1, 2), AllowRequantize = prng.Chance(1, 2) }));
                CheckSound(source, written, $"run {run}");
                sound++;
            }
            catch (RubatoException refusal)
            {
                Assert.False(refusal.Message.Any(char.IsControl), refusal.Message);
                refusals.Add(refusal.Message.Contains("not a finite number", StringComparison.Ordinal) ? "not finite"
                    : refusal.Message.Contains("too large for", StringComparison.Ordinal) ? "too large" : "other");
            }
            catch (Exception e)
            {
                Assert.Fail($"run {run}, {type}: {e}\ninput: {Convert.ToBase64String(input)}");
            }

            bound.Check($"run {run}, {type}");
        }

        Assert.Equal(["not finite", "other", "too large"], refusals.Order());
        Assert.True(sound > Runs / 10, $"only {sound} mutated files were quantised: the mutations are too coarse to find anything");
    }

    /// <summary>Other bits in a few weights: any number, NaN and infinities among them.</summary>
    private static byte[] Poison(byte[] valid, Prng prng)
    {
        var bytes = (byte[])valid.Clone();
        for (var i = prng.NextInt32(1, 4); i > 0; i--)
        {
            bytes[prng.NextInt32(bytes.Length / 2, bytes.Length)] = (byte)prng.NextInt32(256);
        }

        return bytes;
    }

    private static void CheckSound(GgufFile source, GgufFile written, string label)
    {
        Assert.Equal(ModelConfiguration.FromGguf(source), ModelConfiguration.FromGguf(written));
        foreach (var tensor in written.Tensors)
        {
            var row = new float[tensor.RowLength];
            for (var i = 0L; i < tensor.RowCount; i++)
            {
                written.ReadRow(tensor, i, row);
                Assert.True(row.All(float.IsFinite), $"{label}: {tensor}, row {i}");
            }
        }
    }
}
