using Rubato.Models;
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
        var x = tokens.Select(token => (double[])embedding[token].Clone()).ToArray();
        for (var layer = 0; layer < c.BlockCount; layer++)
        {
            Attend(layer, x);
            FeedForward(layer, x);
        }

        var head = c.TiedHead ? embedding : Matrix(TensorNames.Output);
        var norm = Matrix(TensorNames.OutputNorm)[0];
        return [.. x.Select(row => Multiply(head, Normalise(row, norm)))];
    }

    private void Attend(int layer, double[][] x)
    {
        var c = _configuration;
        var norm = Matrix(TensorNames.AttentionNorm(layer))[0];
        var queryWeights = Matrix(TensorNames.AttentionQuery(layer));
        var keyWeights = Matrix(TensorNames.AttentionKey(layer));
        var valueWeights = Matrix(TensorNames.AttentionValue(layer));
        var outputWeights = Matrix(TensorNames.AttentionOutput(layer));
        var normalised = x.Select(row => Normalise(row, norm)).ToArray();
        var queries = normalised.Select((row, position) => Rotate(Multiply(queryWeights, row), position)).ToArray();
        var keys = normalised.Select((row, position) => Rotate(Multiply(keyWeights, row), position)).ToArray();
        var values = normalised.Select(row => Multiply(valueWeights, row)).ToArray();
        for (var t = 0; t < x.Length; t++)
        {
            var result = new double[c.QueryLength];
            for (var head = 0; head < c.HeadCount; head++)
            {
                var shared = head / (c.HeadCount / c.KeyValueHeadCount);
                var scores = Enumerable.Range(0, t + 1).Select(s =>
                    Enumerable.Range(0, c.HeadLength).Sum(d => queries[t][(head * c.HeadLength) + d] * keys[s][(shared * c.HeadLength) + d])
                    / Math.Sqrt(c.HeadLength)).ToArray();
                var weights = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var d = 0; d < c.HeadLength; d++)
                {
                    result[(head * c.HeadLength) + d] =
                        Enumerable.Range(0, t + 1).Sum(s => weights[s] * values[s][(shared * c.HeadLength) + d]) / weights.Sum();
                }
            }

            x[t] = [.. x[t].Zip(Multiply(outputWeights, result), (a, b) => a + b)];
        }
    }

    private void FeedForward(int layer, double[][] x)
    {
        var norm = Matrix(TensorNames.FeedForwardNorm(layer))[0];
        var gate = Matrix(TensorNames.FeedForwardGate(layer));
        var up = Matrix(TensorNames.FeedForwardUp(layer));
        var down = Matrix(TensorNames.FeedForwardDown(layer));
        for (var t = 0; t < x.Length; t++)
        {
            var normalised = Normalise(x[t], norm);
            var gated = Multiply(gate, normalised).Zip(Multiply(up, normalised), (g, u) => g / (1 + Math.Exp(-g)) * u).ToArray();
            x[t] = [.. x[t].Zip(Multiply(down, gated), (a, b) => a + b)];
        }
    }

    private double[] Rotate(double[] x, int position)
    {
        var c = _configuration;
        for (var start = 0; start < x.Length; start += c.HeadLength)
        {
            for (var i = 0; i < c.RopeDimensionCount; i += 2)
            {
                var angle = position * Math.Pow(c.RopeTheta, -(double)i / c.RopeDimensionCount);
                var (even, odd) = (x[start + i], x[start + i + 1]);
                x[start + i] = (even * Math.Cos(angle)) - (odd * Math.Sin(angle));
                x[start + i + 1] = (even * Math.Sin(angle)) + (odd * Math.Cos(angle));
            }
        }

        return x;
    }

    private double[] Normalise(double[] x, double[] weights)
    {
        var root = Math.Sqrt((x.Sum(v => v * v) / x.Length) + _configuration.RmsNormEpsilon);
        return [.. x.Select((v, i) => v / root * weights[i])];
    }

    private static double[] Multiply(double[][] weights, double[] x) =>
        [.. weights.Select(row => row.Zip(x, (a, b) => a * b).Sum())];

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
