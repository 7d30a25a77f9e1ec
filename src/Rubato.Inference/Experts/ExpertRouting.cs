using Rubato.Kernels.Reductions;

namespace Rubato.Inference.Experts;

/// <summary>
/// Which experts each row uses, and the places of all (row, expert) pairs when they are ordered by expert. What a row chooses
/// depends on that row only. Reused from layer to layer; allocates when a pass is larger than all before it.
/// </summary>
/// <param name="experts">Experts in a layer.</param>
/// <param name="used">Experts that a row uses, 1 … experts.</param>
/// <param name="normalizes">Whether the weights of a row are divided by their sum.</param>
/// <param name="scale">Multiplies the weights.</param>
internal sealed class ExpertRouting(int experts, int used, bool normalizes, float scale)
{
    // The divisor when all chosen experts have next to no weight: the least normal half-precision number, as in llama.cpp.
    private const float SumMin = 6.103515625e-5f;

    private readonly int[] _starts = new int[experts + 1];
    private readonly int[] _next = new int[experts];
    private int[] _chosen = [];
    private int[] _slots = [];
    private int[] _rowOfSlot = [];
    private float[] _weights = [];
    private int _rows;

    /// <summary>The weight of each chosen expert, [rows, used], the largest first.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, _rows * used);

    /// <summary>The place of each chosen expert's work, [rows, used].</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, _rows * used);

    /// <summary>The row whose work lies in each place.</summary>
    public ReadOnlySpan<int> RowOfSlot => _rowOfSlot.AsSpan(0, _rows * used);

    /// <summary>The places of an expert's work.</summary>
    public Range SlotsOf(int expert) => _starts[expert].._starts[expert + 1];

    /// <summary>Chooses the experts of <paramref name="rows"/> rows by <paramref name="logits"/>, [rows, experts], which it overwrites.</summary>
    /// <remarks>Of equal probabilities the expert with the lower number is chosen. NaN gives weights that are NaN.</remarks>
    public void Choose(Span<float> logits, int rows)
    {
        Reserve(rows);
        Array.Clear(_starts);
        for (var row = 0; row < rows; row++)
        {
            var chosen = _chosen.AsSpan(row * used, used);
            Choose(logits.Slice(row * experts, experts), chosen, _weights.AsSpan(row * used, used));
            foreach (var expert in chosen)
            {
                _starts[expert + 1]++;
            }
        }

        for (var expert = 0; expert < experts; expert++)
        {
            _starts[expert + 1] += _starts[expert];
            _next[expert] = _starts[expert];
        }

        for (var i = 0; i < rows * used; i++)
        {
            _slots[i] = _next[_chosen[i]]++;
            _rowOfSlot[_slots[i]] = i / used;
        }
    }

    private void Choose(Span<float> probabilities, Span<int> chosen, Span<float> weights)
    {
        var sum = Softmax.Numerators(probabilities, 1, probabilities);
        var chosenSum = 0f;
        for (var rank = 0; rank < used; rank++)
        {
            var best = -1;
            for (var expert = 0; expert < experts; expert++)
            {
                if ((best < 0 || probabilities[expert] > probabilities[best]) && !chosen[..rank].Contains(expert))
                {
                    best = expert;
                }
            }

            chosen[rank] = best;
            weights[rank] = probabilities[best] / sum;
            chosenSum += weights[rank];
        }

        var factor = normalizes ? scale / MathF.Max(chosenSum, SumMin) : scale;
        foreach (ref var weight in weights)
        {
            weight *= factor;
        }
    }

    private void Reserve(int rows)
    {
        _rows = rows;
        if (_chosen.Length < rows * used)
        {
            _chosen = new int[rows * used];
            _slots = new int[rows * used];
            _rowOfSlot = new int[rows * used];
            _weights = new float[rows * used];
        }
    }
}
