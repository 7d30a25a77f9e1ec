using Rubato.Core;
using Rubato.Models.Files;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;

namespace Rubato.Models.Quantization;

/// <summary>Writes a model once more with its matrices in another type, a few rows at a time, metadata kept.</summary>
/// <remarks>
/// Everything that can be known from the headers is refused before anything is written; a number that is not finite, or that the
/// type cannot hold, ends the writing without a file. The source must stay open until the file is written.
/// </remarks>
public sealed class ModelQuantizer
{
    private const string FileTypeKey = "general.file_type";

    private readonly GgufFile _source;
    private readonly QuantizationOptions _options;
    private readonly GgufWriter _writer;
    private long _valuesDone;
    private Action<double>? _progress;

    /// <summary>Plans the new file.</summary>
    /// <param name="source">A sound model of a supported architecture.</param>
    /// <param name="options">What to make of it.</param>
    /// <exception cref="InvalidFormatException">The file contradicts itself or holds an architecture that is not supported.</exception>
    /// <exception cref="InvalidOptionException">The file is quantised already, and that was not allowed; or the number of threads is out of range.</exception>
    public ModelQuantizer(GgufFile source, QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        _source = source;
        _options = options;
        _writer = options.Threads is >= 1 and <= 1024
            ? new() { Threads = options.Threads }
            : throw new InvalidOptionException($"threads: {options.Threads} is not in 1…1024; leave it out to use what the process may have.");
        var configuration = ModelConfiguration.FromGguf(source);
        CheckTokenizer(source.Metadata);
        RefuseQuantized();
        Report = MakeReport(configuration);
        CopyMetadata();
        foreach (var tensor in Report.Tensors)
        {
            Add(source.GetTensor(tensor.Name), tensor.To);
        }
    }

    /// <summary>What the new file will hold.</summary>
    public QuantizationReport Report { get; }

    /// <summary>Writes the new file through <see cref="AtomicFile"/>; one that is there is replaced.</summary>
    /// <param name="path">Any path but the source's own.</param>
    /// <param name="progress">Told the share of the values that are done.</param>
    /// <exception cref="RubatoException">The file cannot be written, or a value cannot be stored; the message names tensor and place.</exception>
    public void Write(string path, Action<double>? progress = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path) && File.Exists(_source.Name) && AtomicFile.Resolve(path) == AtomicFile.Resolve(_source.Name))
        {
            throw new InvalidOptionException($"{path}: is the file that is quantised; choose another name, so that nothing is lost.");
        }

        (_progress, _valuesDone) = (progress, 0);
        _writer.Write(path);
    }

    /// <summary>Writes the new file to a stream.</summary>
    internal void WriteTo(Stream stream) => _writer.WriteTo(stream);

    /// <summary>A file whose tokenizer contradicts itself would give one that is as broken, only smaller.</summary>
    private static void CheckTokenizer(GgufMetadata metadata)
    {
        if (!metadata.Contains("tokenizer.ggml.model") || !metadata.Contains("tokenizer.ggml.tokens"))
        {
            return;
        }

        try
        {
            Tokenizer.CheckConsistency(TokenizerVocabulary.FromGguf(metadata));
        }
        catch (InvalidFormatException e) when (!e.Message.StartsWith(metadata.Source, StringComparison.Ordinal))
        {
            throw new InvalidFormatException($"{metadata.Source}: {e.Message}", e);
        }
    }

    private void RefuseQuantized()
    {
        if (!_options.AllowRequantize && _options.Type != GgmlType.F32 && _source.Tensors.FirstOrDefault(t => t.Type.IsQuantized()) is { } tensor)
        {
            throw new InvalidOptionException(
                $"{_source.Name}: tensor {tensor} is quantised already, and quantising again adds errors: "
                + "start from the F32, F16 or BF16 file, or say --allow-requantize.");
        }
    }

    private QuantizationReport MakeReport(ModelConfiguration configuration)
    {
        var head = configuration.TiedHead ? TensorNames.TokenEmbedding : TensorNames.Output;
        QuantizedTensor[] tensors =
        [
            .. _source.Tensors.Select(tensor =>
            {
                var (type, reason) = QuantizationRules.Choose(tensor, tensor.Name == head, _options);
                var bytes = type.RowBytes(tensor.RowLength) * tensor.RowCount;
                return new QuantizedTensor(tensor.Name, tensor.Dimensions, tensor.Type, type, bytes, reason);
            }),
        ];
        return new()
        {
            Type = _options.Type.ToString(),
            ParameterCount = tensors.Sum(tensor => tensor.ParameterCount),
            SourceBytes = _source.Tensors.Sum(tensor => tensor.ByteLength),
            Bytes = tensors.Sum(tensor => tensor.Bytes),
            Types =
            [
                .. tensors.GroupBy(tensor => tensor.To)
                    .Select(group => new QuantizedTypeTotal(
                        group.Key.ToString(), group.Count(), group.Sum(tensor => tensor.ParameterCount), group.Sum(tensor => tensor.Bytes)))
                    .OrderByDescending(total => total.Bytes).ThenBy(total => total.Type, StringComparer.Ordinal),
            ],
            Tensors = [.. tensors],
        };
    }

    private void CopyMetadata()
    {
        foreach (var (key, value) in _source.Metadata)
        {
            _writer.Set(key, key == GgufFormat.AlignmentKey ? GgufFormat.AlignmentDefault : value);
        }

        _writer.Set(FileTypeKey, QuantizationRules.FileType(_options.Type));
        if (Report.Tensors.Any(tensor => tensor.To.IsQuantized()))
        {
            _writer.Set(GgufFormat.QuantizationVersionKey, GgufFormat.QuantizationVersion);
        }
    }

    private void Add(GgufTensor tensor, GgmlType type)
    {
        if (tensor.Type == type && type.IsQuantized())
        {
            // Quantised before and not to be changed: the bytes are taken over, once they are known to hold numbers.
            var row = new float[tensor.RowLength];
            for (var i = 0L; i < tensor.RowCount; i++)
            {
                Read(tensor, type, i, row);
            }

            _writer.AddTensor(tensor.Name, tensor.Dimensions, type, _source.Data(tensor));
            return;
        }

        _writer.AddTensor(tensor.Name, tensor.Dimensions, type, (row, values) =>
        {
            Read(tensor, type, row, values);
            _valuesDone += values.Length;
            _progress?.Invoke((double)_valuesDone / Report.ParameterCount);
        });
    }

    private void Read(GgufTensor tensor, GgmlType type, long row, Span<float> values)
    {
        _source.ReadRow(tensor, row, values);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (!float.IsFinite(value) || (type == GgmlType.F16 && !Half.IsFinite((Half)value)))
            {
                throw new InvalidFormatException(
                    $"{_source.Name}: tensor {Printable.Quote(tensor.Name)}, row {row}, value {i} is {value}, "
                    + (float.IsFinite(value) ? "too large for F16." : "not a finite number: the model is broken."));
            }
        }
    }
}
