using Rubato.Core;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Threading;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Packing;

/// <summary>The packed weights of one model, in memory or in a mapped file that all processes on the machine share.</summary>
internal sealed class PackedTensors : IDisposable
{
    private readonly Dictionary<string, PackedTensor> _tensors;
    private readonly MemoryRegion _panels;
    private readonly IDisposable _owner;

    private PackedTensors(PackingPlan plan, MemoryRegion panels, IDisposable owner)
    {
        _tensors = plan.Tensors.ToDictionary(tensor => tensor.Tensor.Name, StringComparer.Ordinal);
        _panels = panels;
        _owner = owner;
    }

    /// <summary>Packs the weights of a file, or finds them packed; null when there is nothing to pack.</summary>
    /// <exception cref="InvalidFormatException">A block has a scale that is not a finite number.</exception>
    public static PackedTensors? Open(GgufFile file, PackingOptions options)
    {
        var plan = PackingPlan.For(file);
        if (!options.Packs || plan.Tensors.IsEmpty)
        {
            return null;
        }

        if (plan.Bytes >= options.CacheBytesMin && PackedFile.OpenOrWrite(file, plan, options) is { } mapped)
        {
            return new(plan, mapped.Panels, mapped.Owner);
        }

        var memory = PackInMemory(file, plan, options.Threads);
        return new(plan, memory.AsRegion(), memory);
    }

    /// <summary>The matrix with its packed form; as it is where there is none.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="slice">Which of its matrices.</param>
    /// <param name="stored">The matrix as the file has it.</param>
    public WeightMatrix Attach(string name, int slice, WeightMatrix stored) => _tensors.TryGetValue(name, out var tensor)
        ? stored.WithPanels(new(
            _panels.Slice(tensor.Offset + (slice * tensor.SliceBytes), tensor.SliceBytes), tensor.Format, tensor.Outputs, tensor.Inputs))
        : stored;

    /// <summary>Frees or unmaps the panels.</summary>
    public void Dispose() => _owner.Dispose();

    private static AlignedBuffer<byte> PackInMemory(GgufFile file, PackingPlan plan, int? threads)
    {
        var memory = new AlignedBuffer<byte>(plan.Bytes);
        try
        {
            using var gang = new WorkerGang(threads);
            foreach (var tensor in plan.Tensors)
            {
                for (var slice = 0; slice < tensor.Slices; slice++)
                {
                    tensor.Pack(file, slice, gang, memory.Slice(tensor.Offset + (slice * tensor.SliceBytes), checked((int)tensor.SliceBytes)));
                }
            }

            file.ReleasePages();
            return memory;
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
