using Rubato.Models;

namespace Rubato.Torch.Tests.Llama;

/// <summary>The model's definition in plain loops over doubles: slow, and easy to check by eye.</summary>
internal sealed class ReferenceLlama(ModelConfiguration c, Func<string, double[]> weights)
{
    /// <summary>Logits after the last of <paramref name="tokens"/>.</summary>
    public double[] Logits(int[] tokens)
    {
        var hidden = tokens.Select(token => Row(weights(TensorNames.TokenEmbedding), token, c.EmbeddingLength)).ToArray();
        for (var block = 0; block < c.BlockCount; block++)
        {
            Add(hidden, Attention(block, Norm(hidden, TensorNames.AttentionNorm(block))), TensorNames.AttentionOutput(block));
            Add(hidden, FeedForward(block, Norm(hidden, TensorNames.FeedForwardNorm(block))), TensorNames.FeedForwardDown(block));
        }

        var head = c.TiedHead ? TensorNames.TokenEmbedding : TensorNames.Output;
        return Multiply(weights(head), Norm(hidden, TensorNames.OutputNorm)[^1]);
    }

    private double[][] Attention(int block, double[][] x)
    {
        var queries = x.Select((row, t) => Rotate(Multiply(weights(TensorNames.AttentionQuery(block)), row), t)).ToArray();
        var keys = x.Select((row, t) => Rotate(Multiply(weights(TensorNames.AttentionKey(block)), row), t)).ToArray();
        var values = x.Select(row => Multiply(weights(TensorNames.AttentionValue(block)), row)).ToArray();
        var result = x.Select(_ => new double[c.QueryLength]).ToArray();
        for (var t = 0; t < x.Length; t++)
        {
            for (var head = 0; head < c.HeadCount; head++)
            {
                var (q, kv) = (head * c.HeadLength, head / (c.HeadCount / c.KeyValueHeadCount) * c.HeadLength);
                var scores = Enumerable.Range(0, t + 1)
                    .Select(s => Enumerable.Range(0, c.HeadLength).Sum(i => queries[t][q + i] * keys[s][kv + i]))
                    .Select(product => product / Math.Sqrt(c.HeadLength)).ToArray();
                var exponentials = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var i = 0; i < c.HeadLength; i++)
                {
                    result[t][q + i] = Enumerable.Range(0, t + 1).Sum(s => exponentials[s] * values[s][kv + i]) / exponentials.Sum();
                }
            }
        }

        return result;
    }

    private double[][] FeedForward(int block, double[][] x) =>
        [.. x.Select(row => Multiply(weights(TensorNames.FeedForwardGate(block)), row).Select(gate => gate / (1 + Math.Exp(-gate)))
            .Zip(Multiply(weights(TensorNames.FeedForwardUp(block)), row), (gate, up) => gate * up).ToArray())];

    private double[] Rotate(double[] heads, int position)
    {
        var turned = new double[heads.Length];
        for (var i = 0; i < heads.Length; i += 2)
        {
            var angle = position * Math.Pow(c.RopeTheta, -(i % c.HeadLength) / (double)c.HeadLength);
            turned[i] = heads[i] * Math.Cos(angle) - heads[i + 1] * Math.Sin(angle);
            turned[i + 1] = heads[i] * Math.Sin(angle) + heads[i + 1] * Math.Cos(angle);
        }

        return turned;
    }

    private double[][] Norm(double[][] x, string gain) => [.. x.Select(row =>
    {
        var scale = 1 / Math.Sqrt(row.Average(value => value * value) + c.RmsNormEpsilon);
        return row.Zip(weights(gain), (value, g) => value * scale * g).ToArray();
    })];

    private void Add(double[][] hidden, double[][] x, string projection)
    {
        for (var t = 0; t < hidden.Length; t++)
        {
            hidden[t] = [.. hidden[t].Zip(Multiply(weights(projection), x[t]), (a, b) => a + b)];
        }
    }

    private static double[] Multiply(double[] matrix, double[] vector) =>
        [.. Enumerable.Range(0, matrix.Length / vector.Length)
            .Select(row => Row(matrix, row, vector.Length).Zip(vector, (a, b) => a * b).Sum())];

    private static double[] Row(double[] matrix, int row, int length) => matrix[(row * length)..((row + 1) * length)];
}
