using Rubato.Kernels.Activations;
using Rubato.Kernels.Positions;
using Rubato.Models;
using Rubato.Models.Architectures;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Tests;

/// <summary>The forward pass once more, in double precision and plain loops: no cache, no blocks, no vectors, no batches.</summary>
internal sealed class ReferenceModel(GgufFile file)
{
    private readonly ModelConfiguration _configuration = ModelConfiguration.FromGguf(file);

    /// <summary>Logits after each token, [tokens][vocabulary].</summary>
    public double[][] Logits(int[] tokens)
    {
        var c = _configuration;
        var embedding = Matrix(TensorNames.TokenEmbedding);
        var scale = c.Architecture.ScalesEmbedding ? Math.Sqrt(c.EmbeddingLength) : 1;
        var x = tokens.Select(token => embedding[token].Select(value => value * scale).ToArray()).ToArray();
        for (var layer = 0; layer < c.BlockCount; layer++)
        {
            Attend(layer, x);
            FeedForward(layer, x);
        }

        var head = c.TiedHead ? embedding : Matrix(TensorNames.Output);
        var norm = Vector(TensorNames.OutputNorm);
        return [.. x.Select(row => Multiply(head, Normalise(row, norm)).Select(logit => Cap(logit, c.LogitSoftCap)).ToArray())];
    }

    private void Attend(int layer, double[][] x)
    {
        var c = _configuration;
        var norm = Vector(TensorNames.AttentionNorm(layer));
        var outputWeights = Matrix(TensorNames.AttentionOutput(layer));
        var projected = x.Select(row => Project(layer, Normalise(row, norm))).ToArray();
        var queries = projected.Select((row, t) => Heads(row[..c.QueryLength], TensorNames.AttentionQueryNorm(layer), layer, t)).ToArray();
        var keys = projected.Select((row, t) => Heads(row[c.QueryLength..^c.KeyValueLength], TensorNames.AttentionKeyNorm(layer), layer, t)).ToArray();
        var values = projected.Select(row => row[^c.KeyValueLength..]).ToArray();
        for (var t = 0; t < x.Length; t++)
        {
            var result = new double[c.QueryLength];
            for (var head = 0; head < c.HeadCount; head++)
            {
                var shared = head / (c.HeadCount / c.KeyValueHeadCount);
                var first = c.WindowOf(layer) > 0 ? Math.Max(0, t - c.WindowOf(layer) + 1) : 0;
                var seen = Enumerable.Range(first, t - first + 1).ToArray();
                var scores = seen.Select(s => Cap(Enumerable.Range(0, c.HeadLength).Sum(d =>
                    queries[t][(head * c.HeadLength) + d] * keys[s][(shared * c.HeadLength) + d]) * AttentionScale, c.AttentionSoftCap)).ToArray();
                var weights = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var d = 0; d < c.HeadLength; d++)
                {
                    result[(head * c.HeadLength) + d] = seen.Select((s, i) => weights[i] * values[s][(shared * c.HeadLength) + d]).Sum() / weights.Sum();
                }
            }

            x[t] = Join(x[t], Add(Multiply(outputWeights, result), TensorNames.AttentionOutputBias(layer)), TensorNames.AttentionOutputNorm(layer));
        }
    }

    private double AttentionScale => (_configuration.Architecture.Name, _configuration.BlockCount) is ("gemma2", 46) or ("gemma3", 62)
        ? 1 / Math.Sqrt(_configuration.EmbeddingLength / _configuration.HeadCount)
        : 1 / Math.Sqrt(_configuration.HeadLength);

    private double[] Project(int layer, double[] x) => Has(TensorNames.AttentionQueryKeyValue(layer))
        ? Add(Multiply(Matrix(TensorNames.AttentionQueryKeyValue(layer)), x), TensorNames.AttentionQueryKeyValueBias(layer))
        :
        [
            .. Add(Multiply(Matrix(TensorNames.AttentionQuery(layer)), x), TensorNames.AttentionQueryBias(layer)),
            .. Add(Multiply(Matrix(TensorNames.AttentionKey(layer)), x), TensorNames.AttentionKeyBias(layer)),
            .. Add(Multiply(Matrix(TensorNames.AttentionValue(layer)), x), TensorNames.AttentionValueBias(layer)),
        ];

    private double[] Heads(double[] x, string norm, int layer, int position) =>
        [.. x.Chunk(_configuration.HeadLength).SelectMany(head => Rotate(Has(norm) ? Normalise(head, Vector(norm)) : head, layer, position))];

    private void FeedForward(int layer, double[][] x)
    {
        var norm = Vector(TensorNames.FeedForwardNorm(layer));
        for (var t = 0; t < x.Length; t++)
        {
            var normalised = Normalise(x[t], norm);
            x[t] = Join(
                x[t], _configuration.Experts is { } experts ? Experts(layer, experts, normalised) : Dense(layer, normalised),
                TensorNames.FeedForwardOutputNorm(layer));
        }
    }

    private double[] Dense(int layer, double[] x)
    {
        var up = Matrix(TensorNames.FeedForwardUp(layer));
        var inner = _configuration.FeedForwardLength;
        var (gate, rest) = up.Length == 2 * inner ? (up[..inner], up[inner..]) : (Matrix(TensorNames.FeedForwardGate(layer)), up);
        var gates = Add(Multiply(gate, x), TensorNames.FeedForwardGateBias(layer));
        var values = Add(Multiply(rest, x), TensorNames.FeedForwardUpBias(layer));
        return Add(Multiply(Matrix(TensorNames.FeedForwardDown(layer)), Gate(gates, values)), TensorNames.FeedForwardDownBias(layer));
    }

    private double[] Experts(int layer, ExpertConfiguration experts, double[] x)
    {
        var logits = Multiply(Matrix(TensorNames.Router(layer)), x);
        var exponentials = logits.Select(logit => Math.Exp(logit - logits.Max())).ToArray();
        var chosen = exponentials.Select((value, expert) => (Expert: expert, Weight: value / exponentials.Sum()))
            .OrderByDescending(pair => pair.Weight).Take(experts.UsedCount).ToArray();
        var divisor = experts.NormalizesWeights ? chosen.Sum(pair => pair.Weight) : 1;
        var result = new double[x.Length];
        foreach (var (expert, weight) in chosen)
        {
            double[][] Of(string name, int rows) => Matrix(name)[(expert * rows)..((expert + 1) * rows)];
            var gated = Gate(
                Multiply(Of(TensorNames.ExpertGates(layer), experts.FeedForwardLength), x),
                Multiply(Of(TensorNames.ExpertUps(layer), experts.FeedForwardLength), x));
            var output = Multiply(Of(TensorNames.ExpertDowns(layer), x.Length), gated);
            result = [.. result.Zip(output, (sum, value) => sum + (value * weight / divisor * experts.WeightScale))];
        }

        if (experts.SharedFeedForwardLength == 0)
        {
            return result;
        }

        var share = 1 / (1 + Math.Exp(-Multiply([Vector(TensorNames.SharedExpertRouter(layer))], x)[0]));
        var hidden = Gate(Multiply(Matrix(TensorNames.SharedExpertGate(layer)), x), Multiply(Matrix(TensorNames.SharedExpertUp(layer)), x));
        return [.. result.Zip(Multiply(Matrix(TensorNames.SharedExpertDown(layer)), hidden), (sum, value) => sum + (share * value))];
    }

    private double[] Gate(double[] gates, double[] values) => [.. gates.Zip(values, (g, v) => v * (_configuration.Architecture.Activation == GateActivation.Gelu
        ? g / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (g + (0.044715 * g * g * g))))
        : g / (1 + Math.Exp(-g))))];

    private double[] Rotate(double[] head, int layer, int position)
    {
        var c = _configuration;
        var result = (double[])head.Clone();
        var local = c.LocalRopeTheta is not null && c.WindowOf(layer) > 0;
        for (var pair = 0; pair < c.RopeDimensionCount / 2; pair++)
        {
            var (first, second) = c.Architecture.Pairing == RotaryPairing.Neighbours
                ? (2 * pair, (2 * pair) + 1)
                : (pair, pair + (c.RopeDimensionCount / 2));
            var angle = position * (local ? Math.Pow(c.LocalRopeTheta!.Value, -2.0 * pair / c.RopeDimensionCount) : Frequency(pair));
            var magnitude = local ? 1 : Magnitude;
            result[first] = magnitude * ((head[first] * Math.Cos(angle)) - (head[second] * Math.Sin(angle)));
            result[second] = magnitude * ((head[first] * Math.Sin(angle)) + (head[second] * Math.Cos(angle)));
        }

        return result;
    }

    private double Frequency(int pair)
    {
        var (c, scaling) = (_configuration, _configuration.RopeScaling);
        var factors = c.RopeFactors switch
        {
            RotaryFactors.Frequencies => Vector("rope_freqs.weight"),
            RotaryFactors.ShortAndLong => Vector(c.ContextLength > scaling.OriginalContextLength ? "rope_factors_long.weight" : "rope_factors_short.weight"),
            _ => null,
        };
        var frequency = Math.Pow(c.RopeTheta, -2.0 * pair / c.RopeDimensionCount) / (factors?[pair] ?? 1);
        if (scaling.Kind != RotaryScalingKind.Yarn)
        {
            return frequency / scaling.Factor;
        }

        // The formulation of the paper: a wave that fits β times into the original context lies at this dimension.
        double Dimension(double beta) =>
            c.RopeDimensionCount * Math.Log(scaling.OriginalContextLength / (2 * Math.PI * beta)) / (2 * Math.Log(c.RopeTheta));
        var low = Math.Max(0, Math.Floor(Dimension(scaling.BetaFast)));
        var high = Math.Min(c.RopeDimensionCount - 1, Math.Ceiling(Dimension(scaling.BetaSlow)));
        var ramp = Math.Min(1, Math.Max(0, (pair - low) / Math.Max(0.001, high - low)));
        return (frequency / scaling.Factor * ramp) + (frequency * (1 - ramp));
    }

    private double Magnitude => _configuration.RopeScaling.AttentionFactor
        * (_configuration.RopeScaling is { Kind: RotaryScalingKind.Yarn, Factor: > 1 } yarn ? (0.1 * Math.Log(yarn.Factor)) + 1 : 1);

    private double[] Join(double[] residual, double[] output, string norm) =>
        [.. residual.Zip(Has(norm) ? Normalise(output, Vector(norm)) : output, (a, b) => a + b)];

    private double[] Add(double[] x, string bias) => Has(bias) ? [.. x.Zip(Vector(bias), (a, b) => a + b)] : x;

    private double[] Normalise(double[] x, double[] weights)
    {
        var root = Math.Sqrt((x.Sum(v => v * v) / x.Length) + _configuration.RmsNormEpsilon);
        return [.. x.Select((v, i) => v / root * weights[i])];
    }

    private static double Cap(double value, double cap) => cap > 0 ? cap * Math.Tanh(value / cap) : value;

    private static double[] Multiply(double[][] weights, double[] x) =>
        [.. weights.Select(row => row.Zip(x, (a, b) => a * b).Sum())];

    private bool Has(string name) => file.TryGetTensor(name, out _);

    private double[] Vector(string name) => Matrix(name)[0];

    private double[][] Matrix(string name)
    {
        var tensor = file.GetTensor(name);
        var row = new float[tensor.RowLength];
        return [.. Enumerable.Range(0, (int)tensor.RowCount).Select(i =>
        {
            file.ReadRow(tensor, i, row);
            return row.Select(v => (double)v).ToArray();
        })];
    }
}
