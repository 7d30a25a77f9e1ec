using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rubato.Core;
using Rubato.Models.Gguf;

namespace Rubato.Models.HuggingFace.Safetensors;

/// <summary>All weights of a model folder, in one safetensors file or in several that an index names.</summary>
internal sealed partial class ModelShards : IDisposable
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const long IndexBytesMax = 100_000_000;
    private const int ShardsMax = 10_000;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    private ModelShards()
    {
    }

    /// <summary>Number of tensors in all files.</summary>
    public int Count => _tensors.Count;

    /// <summary>All tensors, in no particular order.</summary>
    public IEnumerable<StoredTensor> Tensors => _tensors.Values;

    /// <summary>Opens the files of the folder.</summary>
    /// <exception cref="RubatoException">A file is missing or broken, or index and files contradict each other.</exception>
    public static ModelShards Open(string folder)
    {
        var shards = new ModelShards();
        try
        {
            shards.OpenAll(folder);
            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    public bool TryGet(string name, [NotNullWhen(true)] out StoredTensor? tensor) => _tensors.TryGetValue(name, out tensor);

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private void OpenAll(string folder)
    {
        var indexPath = Path.Combine(folder, IndexName);
        var singlePath = Path.Combine(folder, SingleName);
        if (JsonFile.Find(indexPath, IndexBytesMax) is { } index)
        {
            OpenIndexed(folder, index.GetObject("weight_map"));
        }
        else if (File.Exists(singlePath))
        {
            Add(SafetensorsFile.Open(singlePath));
        }
        else
        {
            OpenNumbered(folder);
        }
    }

    private void OpenIndexed(string folder, JsonFields map)
    {
        var fileOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.Element.EnumerateObject())
        {
            fileOf.Add(entry.Name, ShardName(map, entry.Name, entry.Value));
        }

        var names = fileOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (names.Count > ShardsMax)
        {
            throw map.Refused($"names {names.Count} files, more than {ShardsMax}");
        }

        if (names.Find(name => !File.Exists(Path.Combine(folder, name))) is { } missing)
        {
            throw map.Refused($"the file {Printable.Quote(missing)} is not in the folder");
        }

        foreach (var name in names)
        {
            Add(SafetensorsFile.Open(Path.Combine(folder, name)));
        }

        foreach (var (tensor, name) in fileOf)
        {
            if (!TryGet(tensor, out var stored) || Path.GetFileName(stored.File.Name) != name)
            {
                throw map.Refused($"tensor {Printable.Quote(tensor)} is not in {Printable.Quote(name)}");
            }
        }

        if (_tensors.Values.FirstOrDefault(stored => !fileOf.ContainsKey(stored.Tensor.Name)) is { } stranger)
        {
            throw map.Refused($"tensor {stranger.Tensor} of {Path.GetFileName(stranger.File.Name)} is not in the map");
        }
    }

    /// <summary>A file name without a path: an index must not lead out of its folder.</summary>
    private static string ShardName(JsonFields map, string tensor, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { } name && Path.GetFileName(name) == name && !name.Contains('\\', StringComparison.Ordinal)
            && name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.Contains('\0', StringComparison.Ordinal)
            ? name
            : throw map.Wrong(tensor, value, "the name of a .safetensors file in the same folder");

    /// <summary>Files called model-00001-of-00003.safetensors without an index.</summary>
    private void OpenNumbered(string folder)
    {
        var numbered = Directory.EnumerateFiles(folder).Select(path => NumberedShard().Match(Path.GetFileName(path))).Where(match => match.Success).ToList();
        if (numbered.Count == 0)
        {
            var pickled = Directory.EnumerateFiles(folder).Any(path => path.EndsWith(".bin", StringComparison.Ordinal) || path.EndsWith(".pth", StringComparison.Ordinal));
            throw new RubatoException(
                $"{folder}: there is no {SingleName} and no {IndexName}."
                + (pickled ? " Files .bin and .pth are not read, because loading them runs code that they bring: save the model as safetensors." : ""));
        }

        var total = int.Parse(numbered[0].Groups["total"].Value, CultureInfo.InvariantCulture);
        var numbers = numbered.Select(match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)).ToHashSet();
        if (numbered.Any(match => match.Groups["total"].Value != numbered[0].Groups["total"].Value) || numbers.Count != total || !numbers.Contains(1) || !numbers.Contains(total))
        {
            throw new RubatoException($"{folder}: of model-…-of-{numbered[0].Groups["total"].Value}.safetensors {numbers.Count} files are there; some are missing.");
        }

        foreach (var match in numbered.OrderBy(match => match.Value, StringComparer.Ordinal))
        {
            Add(SafetensorsFile.Open(Path.Combine(folder, match.Value)));
        }
    }

    private void Add(SafetensorsFile file)
    {
        _files.Add(file);
        foreach (var tensor in file.Tensors)
        {
            if (!_tensors.TryAdd(tensor.Name, new(file, tensor)))
            {
                throw new InvalidFormatException(
                    $"{file.Name}: tensor {Printable.Quote(tensor.Name)} is in {Path.GetFileName(_tensors[tensor.Name].File.Name)} already.");
            }
        }
    }

    [GeneratedRegex(@"^model-(?<number>[0-9]{5})-of-(?<total>[0-9]{5})\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberedShard();
}

/// <summary>A tensor and the file that holds it.</summary>
internal sealed record StoredTensor(SafetensorsFile File, SafetensorsTensor Tensor)
{
    public ImmutableArray<long> Shape => Tensor.Shape;
}
