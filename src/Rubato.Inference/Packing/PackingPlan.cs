using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Panels;
using Rubato.Kernels.Threading;
using Rubato.Models;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Packing;

/// <summary>The matrices of a model file that products are made with and that can be packed, and where their panels go.</summary>
internal sealed class PackingPlan
{
    private PackingPlan(ImmutableArray<PackedTensor> tensors)
    {
        Tensors = tensors;
        Bytes = tensors.IsEmpty ? 0 : tensors[^1].Offset + tensors[^1].Bytes;
    }

    /// <summary>In the order in which their panels lie.</summary>
    public ImmutableArray<PackedTensor> Tensors { get; }

    /// <summary>Bytes of all panels.</summary>
    public long Bytes { get; }

    /// <summary>Plans for a file. The token embedding is packed only where it is the output head too.</summary>
    public static PackingPlan For(GgufFile file)
    {
        var tied = !file.TryGetTensor(TensorNames.Output, out _);
        var tensors = ImmutableArray.CreateBuilder<PackedTensor>();
        var offset = 0L;
        foreach (var tensor in file.Tensors)
        {
            if (tensor.Dimensions.Length >= 2
                && (tied || tensor.Name != TensorNames.TokenEmbedding)
                && tensor.Type.TryWeightFormat() is { } format
                && PackedWeights.Handles(format)
                && tensor.RowLength <= int.MaxValue
                && tensor.Dimensions[1] <= int.MaxValue)
            {
                var outputs = (int)tensor.Dimensions[1];
                var slices = checked((int)(tensor.RowCount / outputs));
                var bytes = PackedWeights.ByteLength(format, outputs, (int)tensor.RowLength);
                tensors.Add(new(tensor, format, outputs, slices, bytes, offset));
                offset = checked(offset + (bytes * slices));
            }
        }

        return new(tensors.DrainToImmutable());
    }
}

/// <summary>One tensor in a plan: a matrix, or several of the same shape (the experts of a layer).</summary>
/// <param name="Tensor">As the file has it.</param>
/// <param name="Format">How its numbers are stored.</param>
/// <param name="Outputs">Rows of one matrix.</param>
/// <param name="Slices">Matrices.</param>
/// <param name="SliceBytes">Bytes of the panels of one matrix.</param>
/// <param name="Offset">Where the panels of the first matrix begin.</param>
internal sealed record PackedTensor(GgufTensor Tensor, WeightFormat Format, int Outputs, int Slices, long SliceBytes, long Offset)
{
    /// <summary>Columns.</summary>
    public int Inputs => (int)Tensor.RowLength;

    /// <summary>Bytes of all panels.</summary>
    public long Bytes => SliceBytes * Slices;

    /// <summary>One of the matrices as the file has it.</summary>
    public WeightMatrix Stored(GgufFile file, int slice)
    {
        var bytes = Format.RowBytes(Inputs) * Outputs;
        return new(file.Data(Tensor).Slice(slice * bytes, bytes), Format, Outputs, Inputs);
    }

    /// <summary>Packs one of the matrices.</summary>
    /// <exception cref="InvalidFormatException">A scale is not a finite number.</exception>
    public void Pack(GgufFile file, int slice, WorkerGang gang, Span<byte> target)
    {
        if (PackedWeights.Pack(gang, Stored(file, slice), target) is { } output)
        {
            throw new InvalidFormatException(
                $"{file.Name}: tensor {Tensor}: row {(slice * (long)Outputs) + output} has a block whose scale is not a finite number: the file is damaged.");
        }
    }
}
