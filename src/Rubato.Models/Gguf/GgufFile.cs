using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Rubato.Core;
using Rubato.Kernels.Memory;

namespace Rubato.Models.Gguf;

/// <summary>A model file in the GGUF format (versions 2 and 3, little-endian), memory-mapped: tensor data is read when touched.</summary>
/// <remarks>
/// Opening checks everything that the file says about itself, and believes no count, length or offset before it is checked
/// against the size of the file: a hostile file costs memory in proportion to its own size, at most. The content is immutable
/// and may be read from several threads; the regions given out die with <see cref="Dispose"/>.
/// Source: the GGUF specification in the ggml project's documentation.
/// </remarks>
public sealed class GgufFile : IDisposable
{
    private readonly IDisposable? _owner;
    private readonly MemoryRegion _content;
    private readonly Dictionary<string, GgufTensor> _tensorsByName;

    private GgufFile(string name, MemoryRegion content, IDisposable? owner)
    {
        var parser = new GgufParser(name, content);
        parser.Parse();
        Name = name;
        Version = parser.Version;
        Alignment = parser.Alignment;
        Metadata = parser.Metadata;
        Tensors = parser.Tensors;
        _tensorsByName = parser.TensorsByName;
        _content = content;
        _owner = owner;
    }

    /// <summary>Path of the file, or the name given to <see cref="Parse(byte[], string)"/>; used in messages.</summary>
    public string Name { get; }

    /// <summary>Version of the format: 2 or 3.</summary>
    public int Version { get; }

    /// <summary>Tensor data starts at multiples of this many bytes; a power of two.</summary>
    public long Alignment { get; }

    /// <summary>Size of the file in bytes.</summary>
    public long ByteLength => _content.Length;

    /// <summary>The key-value pairs.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors in the file's order.</summary>
    public ImmutableArray<GgufTensor> Tensors { get; }

    /// <summary>Maps and checks the file at <paramref name="path"/>.</summary>
    /// <exception cref="RubatoException">The file cannot be read.</exception>
    /// <exception cref="InvalidFormatException">The file breaks the format; the message names file, byte offset and rule.</exception>
    public static GgufFile Open(string path)
    {
        var mapped = MappedFile.Open(path);
        return Own(path, mapped.Region, mapped);
    }

    /// <summary>Checks a file that lies in memory. The array is pinned, not copied, until <see cref="Dispose"/>.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidFormatException">The content breaks the format.</exception>
    public static GgufFile Parse(byte[] content, string name)
    {
        var pinned = new PinnedBytes(content);
        return Own(name, pinned.Region, pinned);
    }

    /// <summary>Checks a file that lies in a region; the region's owner must outlive the result.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidFormatException">The content breaks the format.</exception>
    public static GgufFile Parse(MemoryRegion content, string name) => new(name, content, owner: null);

    /// <summary>The tensor called <paramref name="name"/>, if there is one.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out GgufTensor? tensor) => _tensorsByName.TryGetValue(name, out tensor);

    /// <summary>The tensor called <paramref name="name"/>.</summary>
    /// <exception cref="InvalidFormatException">There is none.</exception>
    public GgufTensor GetTensor(string name) => TryGetTensor(name, out var tensor)
        ? tensor
        : throw new InvalidFormatException($"{Name}: tensor {Printable.Quote(name)} is missing.");

    /// <summary>The bytes of a tensor of this file.</summary>
    public MemoryRegion Data(GgufTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return _content.Slice(tensor.Offset, tensor.ByteLength);
    }

    /// <summary>Decodes one row of a tensor to floats.</summary>
    /// <param name="tensor">A tensor of this file whose type is supported.</param>
    /// <param name="row">0 … <see cref="GgufTensor.RowCount"/> − 1.</param>
    /// <param name="destination">Exactly <see cref="GgufTensor.RowLength"/> values.</param>
    /// <exception cref="NotSupportedException">The type has no decoder.</exception>
    public void ReadRow(GgufTensor tensor, long row, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, tensor.RowLength);
        var rowBytes = checked((int)tensor.Type.RowBytes(tensor.RowLength));
        GgmlCodec.Decode(tensor.Type, Data(tensor).Slice(row * rowBytes, rowBytes), destination);
    }

    /// <summary>Gives memory back that the file's content was read into; what is read again comes from the operating system's cache.</summary>
    public void ReleasePages() => (_owner as MappedFile)?.ReleasePages();

    /// <summary>Unmaps the file. Regions and spans of it must not be used any more.</summary>
    public void Dispose() => _owner?.Dispose();

    private static GgufFile Own(string name, MemoryRegion content, IDisposable owner)
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
