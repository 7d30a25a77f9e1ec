using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Models.Chat;
using Rubato.Models.Files;
using Rubato.Models.Gguf;
using Rubato.Models.HuggingFace.Safetensors;
using Rubato.Models.HuggingFace.Tokenization;
using Rubato.Models.Quantization;

namespace Rubato.Models.HuggingFace.Conversion;

/// <summary>Turns a Hugging Face model folder (safetensors, config.json, tokenizer.json or tokenizer.model, chat template) into a GGUF file, row by row.</summary>
/// <remarks>
/// Everything that can be known from headers and JSON is refused before anything is written: unknown architectures, missing and
/// unknown tensors, wrong shapes, settings that GGUF cannot state. A number that is not finite, or that the type cannot hold, ends
/// the writing without a file. Names and conventions are those of llama.cpp's own conversion.
/// </remarks>
public sealed class HuggingFaceConverter : IDisposable
{
    private const long ConfigurationBytesMax = 16_000_000;
    private const string ConfigurationName = "config.json";

    private readonly string _folder;
    private readonly ModelShards _shards;
    private readonly GgufWriter _writer = new();
    private long _valuesDone;
    private Action<double>? _progress;

    private HuggingFaceConverter(string folder, GgmlType? type)
    {
        _folder = folder;
        if (!Directory.Exists(folder))
        {
            throw new RubatoException(File.Exists(folder) ? $"{folder}: is a file; the folder of a model is needed." : $"{folder}: there is no such folder.");
        }

        var config = JsonFile.Read(Path.Combine(folder, ConfigurationName), ConfigurationBytesMax);
        var family = FamilyOf(config);
        var sizes = ModelSizes.Read(config);
        var rope = RopeSettings.Read(config, family);
        var metadata = ArchitectureMetadata.Make(family, sizes, rope, config);
        var vocabulary = HuggingFaceVocabulary.Read(folder, config, sizes.Vocabulary);
        _shards = ModelShards.Open(folder);
        try
        {
            Report = Plan(config, family, sizes, rope, metadata, vocabulary, type);
        }
        catch
        {
            _shards.Dispose();
            throw;
        }
    }

    /// <summary>What the new file will hold.</summary>
    public ConversionReport Report { get; private set; }

    /// <summary>Reads the folder's headers and plans the new file; nothing is written yet.</summary>
    /// <param name="folder">A model folder with config.json, tokenizer.json or tokenizer.model, and safetensors files.</param>
    /// <param name="type">The type of the matrices; null keeps that of the checkpoint (F32 for double precision).</param>
    /// <exception cref="InvalidFormatException">A file breaks its format, files contradict each other, or the model is not supported.</exception>
    /// <exception cref="RubatoException">A file is missing or cannot be read.</exception>
    public static HuggingFaceConverter Open(string folder, GgmlType? type = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new(folder, type);
    }

    /// <summary>Writes the file through <see cref="AtomicFile"/>; one that is there is replaced.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="progress">Told the share of the values that are done.</param>
    /// <exception cref="RubatoException">The file cannot be written, or a value cannot be stored; the message names tensor and place.</exception>
    public void Write(string path, Action<double>? progress = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (_shards.Tensors.Select(stored => stored.File.Name).Distinct().Any(name => File.Exists(path) && AtomicFile.Resolve(path) == AtomicFile.Resolve(name)))
        {
            throw new InvalidOptionException($"{path}: is a file of the model that is converted; choose another name, so that nothing is lost.");
        }

        (_progress, _valuesDone) = (progress, 0);
        _writer.Write(path);
        NoteWhetherItRuns(path);
    }

    /// <summary>Closes the folder's files.</summary>
    public void Dispose() => _shards.Dispose();

    /// <summary>Writes the file to a stream.</summary>
    internal void WriteTo(Stream stream) => _writer.WriteTo(stream);

    private void NoteWhetherItRuns(string path)
    {
        try
        {
            using var written = GgufFile.Open(path);
            _ = ModelConfiguration.FromGguf(written);
        }
        catch (InvalidFormatException e)
        {
            Report = Report with { Notes = Report.Notes.Add($"the file is whole, but this program cannot run it: {e.Message}") };
        }
    }

    private static ModelFamily FamilyOf(JsonFields config)
    {
        var names = (config.FindArray("architectures") ?? default).Select(name => name.ToString()).ToList();
        return names is [var only] && ModelFamily.All.FirstOrDefault(family => family.Name == only) is { } family
            ? family
            : throw config.Refused(
                $"the architecture {(names.Count == 0 ? "is not named" : Printable.Quote(string.Join(", ", names)) + " is not supported")}; architectures that work: {ModelFamily.Names}");
    }

    private ConversionReport Plan(
        JsonFields config, ModelFamily family, ModelSizes sizes, RopeSettings rope, OrderedDictionary<string, GgufValue> metadata,
        HuggingFaceVocabulary vocabulary, GgmlType? type)
    {
        var claims = new WeightClaims(_shards, _folder);
        var plan = new TensorPlan(family, sizes, config, claims);
        List<ConvertedTensor> tensors = [.. rope.Tensors(sizes, config), .. plan.Tensors()];
        claims.RefuseRest();
        var chosen = type ?? SourceType(tensors);
        var head = plan.IsTied ? "token_embd.weight" : "output.weight";
        var report = new ConversionReport
        {
            SourceArchitecture = family.Name,
            Architecture = family.GgufName,
            Type = chosen.ToString(),
            Tensors = [.. tensors.Select(tensor => Choose(tensor, tensor.Name == head, chosen))],
            ParameterCount = tensors.Sum(tensor => tensor.RowCount * tensor.Dimensions[0]),
            SourceBytes = tensors.Sum(tensor => tensor.SourceBytes),
            Bytes = 0,
            VocabularySize = sizes.Vocabulary,
            Tokenizer = vocabulary.Vocabulary.Model,
            PreTokenizer = vocabulary.Vocabulary.PreTokenizer,
            HasChatTemplate = vocabulary.Vocabulary.ChatTemplate is not null,
            Notes = Notes(vocabulary),
        };
        AddMetadata(family, metadata, vocabulary, chosen);
        foreach (var (tensor, planned) in tensors.Zip(report.Tensors))
        {
            Add(tensor, planned.To, report.ParameterCount);
        }

        return report with { Bytes = report.Tensors.Sum(tensor => tensor.Bytes) };
    }

    private static GgmlType SourceType(List<ConvertedTensor> tensors) =>
        tensors.Find(tensor => tensor.Dimensions.Length > 1)?.From is (GgmlType.F16 or GgmlType.BF16) and var type ? type : GgmlType.F32;

    private static QuantizedTensor Choose(ConvertedTensor tensor, bool isHead, GgmlType asked)
    {
        var shape = new GgufTensor(tensor.Name, tensor.Dimensions, tensor.From, offset: 0, byteLength: 0);
        var (type, reason) = tensor.StaysF32
            ? (GgmlType.F32, QuantizationReason.Vector)
            : QuantizationRules.Choose(shape, isHead, new() { Type = asked });
        return new(tensor.Name, tensor.Dimensions, tensor.From, type, type.RowBytes(tensor.Dimensions[0]) * tensor.RowCount, reason);
    }

    private static ImmutableArray<string> Notes(HuggingFaceVocabulary vocabulary)
    {
        var notes = vocabulary.Notes.ToList();
        if (vocabulary.Vocabulary.ChatTemplate is { } template)
        {
            try
            {
                ChatTemplate.Parse(template);
            }
            catch (InvalidFormatException e)
            {
                notes.Add($"the chat template is kept, but this program cannot run it: {e.Message}");
            }
        }

        return [.. notes];
    }

    private void AddMetadata(ModelFamily family, OrderedDictionary<string, GgufValue> metadata, HuggingFaceVocabulary vocabulary, GgmlType type)
    {
        _writer.Set("general.architecture", family.GgufName);
        _writer.Set("general.type", "model");
        _writer.Set("general.name", new DirectoryInfo(_folder).Name);
        _writer.Set("general.file_type", QuantizationRules.FileType(type));
        foreach (var (key, value) in metadata)
        {
            _writer.Set(key, value);
        }

        vocabulary.WriteTo(_writer);
    }

    private void Add(ConvertedTensor tensor, GgmlType type, long all) => _writer.AddTensor(tensor.Name, tensor.Dimensions, type, (row, values) =>
    {
        tensor.ReadRow(row, values);
        CheckFinite(tensor, type, row, values);
        _valuesDone += values.Length;
        _progress?.Invoke((double)_valuesDone / all);
    });

    private void CheckFinite(ConvertedTensor tensor, GgmlType type, long row, ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (!float.IsFinite(value) || type == GgmlType.F16 && !Half.IsFinite((Half)value))
            {
                var source = tensor.Source(row);
                throw new InvalidFormatException(
                    $"{source?.File.Name ?? _folder}: tensor {Printable.Quote(source?.Tensor.Name ?? tensor.Name)} ({tensor.Name} row {row}, value {i}) is {value}, "
                    + (float.IsFinite(value) ? "too large for F16; choose --type BF16 or F32." : "not a finite number: the model is broken."));
            }
        }
    }
}
