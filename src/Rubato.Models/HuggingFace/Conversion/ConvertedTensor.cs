using System.Collections.Immutable;
using Rubato.Models.Gguf;
using Rubato.Models.HuggingFace.Safetensors;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>A tensor of the new file, and how its rows come from those of the checkpoint.</summary>
internal sealed class ConvertedTensor
{
    private readonly ImmutableArray<StoredTensor> _parts;
    private readonly ImmutableArray<float> _constants;
    private readonly StackedRows? _stacked;

    private ConvertedTensor(
        string name, ImmutableArray<long> dimensions, ImmutableArray<StoredTensor> parts, ImmutableArray<float> constants, StackedRows? stacked = null)
    {
        (Name, Dimensions, _parts, _constants, _stacked) = (name, dimensions, parts, constants, stacked);
        RowCount = dimensions[1..].Aggregate(1L, (product, dimension) => product * dimension);
    }

    /// <summary>GGUF's name.</summary>
    public string Name { get; }

    /// <summary>GGUF's order: the length of a row first.</summary>
    public ImmutableArray<long> Dimensions { get; }

    /// <summary>Number of rows.</summary>
    public long RowCount { get; }

    /// <summary>The type in the checkpoint.</summary>
    public GgmlType From => _parts.IsEmpty ? GgmlType.F32 : _parts[0].Tensor.Type.TryGgmlType()!.Value;

    /// <summary>Bytes in the checkpoint.</summary>
    public long SourceBytes => _stacked is { } rows ? _parts[0].Tensor.ByteLength / rows.Each * rows.Taken : _parts.Sum(part => part.Tensor.ByteLength);

    /// <summary>Number of heads whose values change from "i and i + d ÷ 2 are a pair" to "neighbours are a pair"; 0 leaves the order.</summary>
    public int ReorderedHeads { get; private init; }

    /// <summary>Added to every value.</summary>
    public float Added { get; private init; }

    /// <summary>Whether it is stored in full precision whatever the others are.</summary>
    public bool StaysF32 { get; private init; }

    /// <summary>A matrix, its dimensions in GGUF's order.</summary>
    public static ConvertedTensor OfMatrix(string name, StoredTensor matrix, int reorderedHeads) =>
        new(name, [.. matrix.Shape.Reverse()], [matrix], []) { ReorderedHeads = reorderedHeads };

    /// <summary>A matrix that is small and sensitive.</summary>
    public static ConvertedTensor OfMatrixInF32(string name, StoredTensor matrix) => new(name, [.. matrix.Shape.Reverse()], [matrix], []) { StaysF32 = true };

    /// <summary>A vector.</summary>
    public static ConvertedTensor OfVector(string name, StoredTensor vector, int reorderedHeads, float added) =>
        new(name, vector.Shape, [vector], []) { ReorderedHeads = reorderedHeads, Added = added };

    /// <summary>Matrices of one shape, stacked.</summary>
    public static ConvertedTensor OfStack(string name, ImmutableArray<StoredTensor> matrices) =>
        new(name, [.. matrices[0].Shape.Reverse(), matrices.Length], matrices, []);

    /// <summary>Some rows of each matrix of a stack, which the checkpoint stores as one tensor of three dimensions.</summary>
    /// <param name="name">GGUF's name.</param>
    /// <param name="stack">Number of matrices, rows of each, length of a row.</param>
    /// <param name="first">The first row that is taken of each matrix.</param>
    /// <param name="rows">How many are.</param>
    public static ConvertedTensor OfStackedRows(string name, StoredTensor stack, long first, long rows) =>
        new(name, [stack.Shape[2], rows, stack.Shape[0]], [stack], [], new(first, rows, stack.Shape[1]));

    /// <summary>A vector from a matrix of one row.</summary>
    public static ConvertedTensor OfOnlyRow(string name, StoredTensor part) => new(name, [part.Tensor.RowLength], [part], []);

    /// <summary>A vector of numbers that are in no tensor of the checkpoint.</summary>
    public static ConvertedTensor OfConstants(string name, ImmutableArray<float> constants) => new(name, [constants.Length], [], constants) { StaysF32 = true };

    /// <summary>The checkpoint's name for the tensor of a row, for messages.</summary>
    public StoredTensor? Source(long row) => _parts.IsEmpty ? null : _parts[(int)(row / PartRows)];

    /// <summary>Reads one row.</summary>
    public void ReadRow(long row, Span<float> destination)
    {
        if (_parts.IsEmpty)
        {
            _constants.AsSpan().CopyTo(destination);
            return;
        }

        var part = _parts[(int)(row / PartRows)];
        var place = _stacked?.Place(row) ?? row % PartRows;
        if (Dimensions.Length > 1)
        {
            part.File.ReadRow(part.Tensor, ReorderedHeads > 0 ? Reordered(place, PartRows / ReorderedHeads) : place, destination);
        }
        else if (ReorderedHeads > 0)
        {
            var values = new float[destination.Length];
            part.File.ReadRow(part.Tensor, 0, values);
            for (var i = 0; i < values.Length; i++)
            {
                destination[i] = values[Reordered(i, values.Length / ReorderedHeads)];
            }
        }
        else
        {
            part.File.ReadRow(part.Tensor, 0, destination);
        }

        if (Added != 0)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] += Added;
            }
        }
    }

    private long PartRows => RowCount / _parts.Length;

    /// <summary>Where the checkpoint has what comes to the place: inside a head of length d, 2i + j comes from j × d ÷ 2 + i.</summary>
    private static long Reordered(long place, long headLength)
    {
        var (head, inside) = Math.DivRem(place, headLength);
        return head * headLength + inside % 2 * (headLength / 2) + inside / 2;
    }

    /// <summary>Which rows of each matrix of a stack are taken.</summary>
    /// <param name="First">The first of them.</param>
    /// <param name="Taken">How many.</param>
    /// <param name="Each">Rows of each matrix.</param>
    private sealed record StackedRows(long First, long Taken, long Each)
    {
        /// <summary>Where the stack has the row.</summary>
        public long Place(long row) => (row / Taken * Each) + First + (row % Taken);
    }
}
