using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Kernels.Memory;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Safetensors;

/// <summary>A weight file in the safetensors format, memory-mapped: data is read when touched.</summary>
/// <remarks>
/// Opening checks everything that the header says: sizes, shapes, offsets, that the tensors fill the file without gap or overlap.
/// The content may be read from several threads until <see cref="Dispose"/>. Source: the format's description in the safetensors
/// project (8 bytes of header length, a JSON header, the data).
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly IDisposable _owner;
    private readonly MemoryRegion _content;
    private readonly Dictionary<string, SafetensorsTensor> _byName;

    private SafetensorsFile(string name, MemoryRegion content, IDisposable owner)
    {
        (Name, _content, _owner) = (name, content, owner);
        Tensors = new SafetensorsHeader(name, content).Read();
        _byName = Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>Path of the file, for messages.</summary>
    public string Name { get; }

    /// <summary>The tensors in the order of their data.</summary>
    public ImmutableArray<SafetensorsTensor> Tensors { get; }

    /// <summary>Maps and checks the file at <paramref name="path"/>.</summary>
    /// <exception cref="RubatoException">The file cannot be read.</exception>
    /// <exception cref="InvalidFormatException">The file breaks the format; the message names file, tensor and rule.</exception>
    public static SafetensorsFile Open(string path)
    {
        var mapped = MappedFile.Open(path);
        return Own(path, mapped.Region, mapped);
    }

    /// <summary>Checks a file that lies in memory. The array is pinned, not copied, until <see cref="Dispose"/>.</summary>
    /// <exception cref="InvalidFormatException">The content breaks the format.</exception>
    public static SafetensorsFile Parse(byte[] content, string name)
    {
        var pinned = new PinnedBytes(content);
        return Own(name, pinned.Region, pinned);
    }

    /// <summary>The tensor called <paramref name="name"/>, if there is one.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out SafetensorsTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Decodes one row of a tensor to floats; double precision is rounded.</summary>
    /// <param name="tensor">A tensor of this file of type F32, F16, BF16 or F64.</param>
    /// <param name="row">0 … <see cref="SafetensorsTensor.RowCount"/> − 1.</param>
    /// <param name="destination">Exactly <see cref="SafetensorsTensor.RowLength"/> values.</param>
    /// <exception cref="NotSupportedException">The type holds no weights.</exception>
    public void ReadRow(SafetensorsTensor tensor, long row, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, tensor.RowLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)row, (ulong)tensor.RowCount);
        var rowBytes = destination.Length * tensor.Type.Bytes();
        var source = _content.Slice(tensor.Offset + row * rowBytes, rowBytes);
        switch (tensor.Type)
        {
            case SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16:
                GgmlCodec.Decode(tensor.Type.TryGgmlType()!.Value, source, destination);
                break;
            case SafetensorsType.F64:
                for (var i = 0; i < destination.Length; i++)
                {
                    destination[i] = (float)MemoryMarshal.Read<double>(source[(i * sizeof(double))..]);
                }

                break;
            default:
                throw new NotSupportedException($"Tensors of type {tensor.Type} hold no weights; types that do: {SafetensorsTypes.ReadableNames}.");
        }
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => _owner.Dispose();

    private static SafetensorsFile Own(string name, MemoryRegion content, IDisposable owner)
    {
        try
        {
            return new(name, content, owner);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }
}
