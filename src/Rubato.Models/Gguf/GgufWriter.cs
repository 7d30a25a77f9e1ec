using System.Collections.Immutable;
using System.Text;
using Rubato.Core;
using Rubato.Kernels.Memory;
using Rubato.Kernels.Threading;
using Rubato.Models.Files;

namespace Rubato.Models.Gguf;

/// <summary>Writes GGUF files of version 3, little-endian, data aligned to 32 bytes. Declare metadata and tensors, then write.</summary>
/// <remarks>
/// Metadata and tensors appear in the order in which they were first set and added. Tensor data is asked for row by row while
/// writing, so the memory needed is that of a row, or a few megabytes. Files with quantised tensors get <c>general.quantization_version</c> 2
/// unless it was set, as the format demands.
/// </remarks>
public sealed class GgufWriter
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly GgufMetadata _metadata = new("the new file");
    private readonly List<PlannedTensor> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Threads that encode rows of quantised tensors, at least 1; by default <see cref="AvailableProcessors.Threads"/>.</summary>
    public int Threads { get; init; } = AvailableProcessors.Current.Threads;

    /// <summary>The metadata set so far.</summary>
    public GgufMetadata Metadata => _metadata;

    /// <summary>Sets a key; one that is already there keeps its place and gets the new value.</summary>
    /// <exception cref="ArgumentException">The key is empty or too long, a text is not valid UTF-16, or arrays nest too deep.</exception>
    public void Set(string key, GgufValue value)
    {
        CheckText(key, GgufFormat.KeyBytesMax, nameof(key));
        CheckValue(value, depth: 0);
        if (key == GgufFormat.AlignmentKey && value != GgufFormat.AlignmentDefault)
        {
            throw new ArgumentException($"Files are written with the alignment {GgufFormat.AlignmentDefault} only.", nameof(value));
        }

        _metadata.Set(key, value);
    }

    /// <summary>Adds a tensor whose rows are encoded from floats.</summary>
    /// <param name="name">Unique; at most 63 bytes of UTF-8, which is what the ggml library holds.</param>
    /// <param name="dimensions">Up to four, in the file's order: the first is the row's length and runs fastest.</param>
    /// <param name="type">A supported type; the row's length must be a multiple of its block size.</param>
    /// <param name="rows">Called while writing, once for each row in order.</param>
    /// <exception cref="ArgumentException">Name, dimensions or type break one of these rules.</exception>
    public void AddTensor(string name, ImmutableArray<long> dimensions, GgmlType type, GgufRowSource rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (!type.IsSupported())
        {
            throw new ArgumentException($"Rows cannot be encoded as {type}; types that work: {GgmlTypeInfo.SupportedNames}.", nameof(type));
        }

        Add(new(Describe(name, dimensions, type), rows, default));
    }

    /// <summary>Adds a tensor whose values lie in memory, row after row.</summary>
    /// <inheritdoc cref="AddTensor(string, ImmutableArray{long}, GgmlType, GgufRowSource)"/>
    public void AddTensor(string name, ImmutableArray<long> dimensions, GgmlType type, ReadOnlyMemory<float> values)
    {
        var tensor = Describe(name, dimensions, type);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, tensor.ElementCount, nameof(values));
        AddTensor(name, dimensions, type, (row, destination) =>
            values.Span.Slice((int)(row * destination.Length), destination.Length).CopyTo(destination));
    }

    /// <summary>Adds a tensor of any known type whose bytes are copied as they are, for example from a file that is open.</summary>
    /// <param name="name">Unique; at most 63 bytes of UTF-8.</param>
    /// <param name="dimensions">Up to four, in the file's order.</param>
    /// <param name="type">Any known type.</param>
    /// <param name="data">Exactly the tensor's bytes; must stay alive until the file is written.</param>
    /// <exception cref="ArgumentException">Name, dimensions, type or length break one of these rules.</exception>
    public void AddTensor(string name, ImmutableArray<long> dimensions, GgmlType type, MemoryRegion data)
    {
        var tensor = Describe(name, dimensions, type);
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, tensor.ByteLength, nameof(data));
        Add(new(tensor, Rows: null, data));
    }

    /// <summary>Writes the file through <see cref="AtomicFile"/> and reads it back before it takes the target's name.</summary>
    /// <exception cref="RubatoException">The file cannot be written, or a value does not fit its tensor's type.</exception>
    public void Write(string path) => AtomicFile.Write(path, WriteTo, Verify);

    /// <summary>Writes the file to <paramref name="stream"/>, which need not be seekable.</summary>
    /// <exception cref="RubatoException">A value does not fit its tensor's type.</exception>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (_tensors.Any(t => t.Tensor.Type.BlockSize() > 1))
        {
            _ = _metadata.TryAdd(GgufFormat.QuantizationVersionKey, GgufFormat.QuantizationVersion);
        }

        var header = GgufHeaderWriter.Write(_metadata, _tensors.ConvertAll(t => t.Tensor));
        stream.Write(header);
        WritePadding(stream, header.Length);
        foreach (var tensor in _tensors)
        {
            tensor.WriteData(stream, Threads);
            WritePadding(stream, tensor.Tensor.ByteLength);
        }
    }

    /// <summary>Reads the written file back: it must parse, and say what was declared.</summary>
    internal void Verify(string path)
    {
        using var file = GgufFile.Open(path);
        Check.Invariant(file.Metadata.SequenceEqual(_metadata), $"{path}: metadata read back differs");
        Check.Invariant(
            file.Tensors.Select(t => t.ToString()).SequenceEqual(_tensors.Select(t => t.Tensor.ToString())),
            $"{path}: tensors read back differ");
    }

    private static void WritePadding(Stream stream, long written)
    {
        var padding = (int)(-written & (GgufFormat.AlignmentDefault - 1));
        stream.Write(stackalloc byte[padding]);
    }

    private static GgufTensor Describe(string name, ImmutableArray<long> dimensions, GgmlType type)
    {
        CheckText(name, GgufFormat.TensorNameBytesMax - 1, nameof(name));
        if (!GgmlTypeInfo.IsKnown(type))
        {
            throw new ArgumentException($"Unknown ggml type {(uint)type}.", nameof(type));
        }

        if (dimensions.Length > GgufFormat.DimensionsMax || dimensions.Any(d => d < 1))
        {
            throw new ArgumentException(
                $"Tensor '{name}' has dimensions [{string.Join(", ", dimensions)}]; "
                + $"at most {GgufFormat.DimensionsMax}, each at least 1, are allowed.",
                nameof(dimensions));
        }

        var bytes = GgufFormat.TryTensorBytes(type, dimensions, out var problem)
            ?? throw new ArgumentException($"Tensor '{name}': {problem}.", nameof(dimensions));
        return new(name, dimensions, type, offset: 0, bytes);
    }

    private static void CheckValue(GgufValue value, int depth)
    {
        if (value.AsArray is { } array)
        {
            if (depth == GgufFormat.ArrayDepthMax)
            {
                throw new ArgumentException($"Arrays nest deeper than {GgufFormat.ArrayDepthMax}.", nameof(value));
            }

            foreach (var inner in (array as GgufArray<GgufArray>)?.Items ?? [])
            {
                CheckValue(inner, depth + 1);
            }

            foreach (var text in (array as GgufArray<string>)?.Items ?? [])
            {
                CheckText(text, int.MaxValue, nameof(value), bytesMin: 0);
            }
        }
        else if (value.Type == GgufValueType.String)
        {
            CheckText(value.AsString, int.MaxValue, nameof(value), bytesMin: 0);
        }
    }

    private static void CheckText(string? text, int bytesMax, string parameter, int bytesMin = 1)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        var bytes = StrictUtf8.GetByteCount(text); // Throws ArgumentException when the text has no UTF-8 form.
        if (bytes < bytesMin || bytes > bytesMax)
        {
            throw new ArgumentException($"{Printable.Quote(text)} takes {bytes} bytes; {bytesMin} … {bytesMax} are allowed.", parameter);
        }
    }

    private void Add(PlannedTensor tensor)
    {
        if (!_names.Add(tensor.Tensor.Name))
        {
            throw new ArgumentException($"Tensor '{tensor.Tensor.Name}' was added before.", nameof(tensor));
        }

        _tensors.Add(tensor);
    }
}
