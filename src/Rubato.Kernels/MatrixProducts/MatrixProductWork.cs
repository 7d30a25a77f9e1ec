using System.Runtime.CompilerServices;
using Rubato.Kernels.Panels;
using Rubato.Kernels.Simd;
using Rubato.Kernels.Threading;

namespace Rubato.Kernels.MatrixProducts;

/// <summary>A matrix product cut into ranges of outputs, so that each weight is read by one worker, from memory once per block of tokens.</summary>
internal unsafe struct MatrixProductWork : IGangWork
{
    /// <summary>Most rows of weights that a tile needs decoded at once.</summary>
    public const int TileOutputsMax = 4;

    // A block of activations stays in the second-level cache while the weights pass by.
    private const int TokenBlockBytes = 256 * 1024;

    // With more tokens the arithmetic takes longer than the next rows take to arrive by themselves.
    private const int PrefetchTokensMax = 16;

    // A multiple of the outputs of every tile and panel.
    private const int OutputStep = 48;

    private readonly float* _x;
    private readonly float* _y;
    private readonly nint _scratch;
    private readonly int _length;
    private readonly int _tokens;
    private readonly int _outputs;
    private readonly int _outputsPerItem;
    private readonly bool _add;
    private readonly VectorWidth _width;
    private WeightView _first, _second, _third;
    private int _matrices;
    private int _items0, _items1, _items2;
    private ActivationBlocks _blocks32, _blocks256Groups32, _blocks256Groups16;

    public MatrixProductWork(
        WorkerGang gang, float* x, int length, int tokens, float* y, int outputs, bool add, VectorWidth width)
    {
        _x = x;
        _y = y;
        _scratch = gang.ScratchTable;
        _length = length;
        _tokens = tokens;
        _outputs = outputs;
        _add = add;
        _width = width;
        var outputsPerWorker = ((outputs - 1) / (gang.Workers * 4)) + 1;
        _outputsPerItem = gang.Workers == 1 ? int.MaxValue / 2 : (((outputsPerWorker - 1) / OutputStep) + 1) * OutputStep;
    }

    /// <summary>Items of all matrices.</summary>
    public readonly int Items => _items0 + _items1 + _items2;

    /// <summary>Adds a matrix; its results follow those of the matrices before it.</summary>
    public void Append(WeightView view)
    {
        var items = ((view.Outputs - 1) / _outputsPerItem) + 1;
        switch (_matrices++)
        {
            case 0:
                (_first, _items0) = (view, items);
                break;
            case 1:
                (_second, _items1) = (view, items);
                break;
            default:
                (_third, _items2) = (view, items);
                break;
        }
    }

    /// <summary>Gives the activations that packed matrices of a kind multiply with.</summary>
    public void SetActivations(ActivationBlocks activations)
    {
        switch (activations.Kind)
        {
            case ActivationKind.Blocks32:
                _blocks32 = activations;
                break;
            case ActivationKind.Blocks256Groups32:
                _blocks256Groups32 = activations;
                break;
            default:
                _blocks256Groups16 = activations;
                break;
        }
    }

    public readonly void Execute(int item, int worker)
    {
        if (item < _items0)
        {
            Multiply(_first, item, 0, worker);
        }
        else if (item < _items0 + _items1)
        {
            Multiply(_second, item - _items0, _first.Outputs, worker);
        }
        else
        {
            Multiply(_third, item - _items0 - _items1, _first.Outputs + _second.Outputs, worker);
        }
    }

    private readonly void Multiply(WeightView weights, int item, int column, int worker)
    {
        var begin = item * _outputsPerItem;
        var end = Math.Min(begin + _outputsPerItem, weights.Outputs);
        if (weights.IsPacked)
        {
            PanelProduct.Multiply(weights.Panels, begin, end, Activations(weights.Format), _tokens, _y + column, _outputs, _add);
            return;
        }

        if (_tokens == 1 && StoredRows.Handles(weights.Format) && weights.Inputs == _length && _width != VectorWidth.Scalar)
        {
            StoredRows.Multiply(weights, begin, end, _x, _y + column, _add, _width);
            return;
        }

        var scratch = ((float**)_scratch)[worker];
        switch (_width)
        {
            case VectorWidth.Bits512:
                Multiply<Tile512>(weights, begin, end, column, scratch);
                break;
            case VectorWidth.Bits256:
                Multiply<Tile256>(weights, begin, end, column, scratch);
                break;
            case VectorWidth.Bits128:
                Multiply<Tile128>(weights, begin, end, column, scratch);
                break;
            default:
                Multiply<TileScalar>(weights, begin, end, column, scratch);
                break;
        }
    }

    private readonly ActivationBlocks Activations(WeightFormat format) => PanelFormatTable.Activations(format) switch
    {
        ActivationKind.Blocks32 => _blocks32,
        ActivationKind.Blocks256Groups32 => _blocks256Groups32,
        _ => _blocks256Groups16,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply<TTile>(WeightView weights, int begin, int end, int column, float* scratch)
        where TTile : ITile
    {
        var blockTokens = Math.Max(TokenBlockBytes / (_length * sizeof(float)), 16) & -TTile.Tokens;
        for (var block = 0; block < _tokens; block += blockTokens)
        {
            var blockEnd = Math.Min(block + blockTokens, _tokens);
            for (var output = begin; output < end; output += TTile.Outputs)
            {
                var outputs = Math.Min(TTile.Outputs, end - output);
                var rows = Rows(weights, output, outputs, scratch);
                for (var token = block; token < blockEnd; token += TTile.Tokens)
                {
                    TTile.Multiply(
                        _x + ((nint)token * _length), _length, Math.Min(TTile.Tokens, blockEnd - token),
                        rows, _length, outputs, _length,
                        _y + ((nint)token * _outputs) + column + output, _outputs, _add);
                }
            }
        }
    }

    /// <summary>Rows of weights as floats, padded with zeros: in place where the file has them so, else decoded into scratch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float* Rows(WeightView weights, int output, int outputs, float* scratch)
    {
        if (weights.Format == WeightFormat.F32 && weights.Inputs == _length)
        {
            if (_tokens <= PrefetchTokensMax)
            {
                Prefetch.Lines(weights.Row(output + outputs), outputs * weights.RowBytes);
            }

            return (float*)weights.Row(output);
        }

        for (var row = 0; row < outputs; row++)
        {
            var target = scratch + ((nint)row * _length);
            RowDecoder.Decode(weights.Row(output + row), weights.Format, weights.Inputs, target, _width);
            new Span<float>(target + weights.Inputs, _length - weights.Inputs).Clear();
        }

        return scratch;
    }
}
