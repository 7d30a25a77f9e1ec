using System.Collections.Immutable;
using System.Text.Json;
using Rubato.Core;
using Rubato.Models.Files;
using Rubato.Torch.Training;

namespace Rubato.Torch.Checkpoints;

/// <summary>Where a run keeps its checkpoint: a safetensors file with weights, moments and progress, replaced atomically.</summary>
public sealed class CheckpointFolder
{
    private const string ProgressKey = "progress";
    private const string RecipeKey = "recipe";
    private const int ChunkLength = 1 << 24;

    /// <summary>Uses <paramref name="folder"/>, which is made if it does not exist.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="recipe">Everything that must be the same for a run to go on: model, data, options, as text by name.</param>
    /// <exception cref="RubatoException">The folder cannot be made.</exception>
    public CheckpointFolder(string folder, ImmutableSortedDictionary<string, string> recipe)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Recipe = recipe;
        FilePath = Path.Combine(folder, "checkpoint.safetensors");
        try
        {
            _ = Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{folder}: the folder of the run cannot be made: {e.Message}", e);
        }
    }

    /// <summary>The checkpoint's path.</summary>
    public string FilePath { get; }

    /// <summary>What a run must have been started with to go on here.</summary>
    public ImmutableSortedDictionary<string, string> Recipe { get; }

    /// <summary>Whether there is a checkpoint.</summary>
    public bool Exists => File.Exists(FilePath);

    /// <summary>Writes the state of <paramref name="trainer"/>; the last checkpoint stays until the new one is whole and on disk.</summary>
    /// <exception cref="RubatoException">It cannot be written; the last one is unchanged.</exception>
    public void Save(Trainer trainer) => Save(trainer, static stream => stream);

    /// <summary>As the public method, with the stream wrapped: where tests inject faults.</summary>
    internal void Save(Trainer trainer, Func<Stream, Stream> wrap)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        var description = new SafetensorsHeader([.. Tensors(trainer)], ImmutableSortedDictionary<string, string>.Empty
            .Add(ProgressKey, JsonSerializer.Serialize(trainer.Progress))
            .Add(RecipeKey, JsonSerializer.Serialize(Recipe)));
        var header = CheckpointChecksum.Seal(description, hash => ForEachChunk(trainer, bytes => hash.AppendData(bytes)));
        AtomicFile.Write(
            FilePath,
            file =>
            {
                var stream = wrap(file);
                stream.Write(header.ToBytes());
                ForEachChunk(trainer, bytes => stream.Write(bytes));
            },
            path =>
            {
                using var written = File.OpenRead(path);
                _ = CheckpointChecksum.Verify(written, $"{FilePath} (new)");
            });
    }

    /// <summary>Puts <paramref name="trainer"/> in the state of the checkpoint, whose checksum is proved first.</summary>
    /// <exception cref="RubatoException">
    /// There is no checkpoint, it cannot be read, is damaged or belongs to another recipe. The trainer is as it was.
    /// </exception>
    public void Load(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        try
        {
            using var stream = File.OpenRead(FilePath);
            var header = CheckpointChecksum.Verify(stream, FilePath);
            var progress = Progress(header);
            RequireSameRecipe(header);
            if (!Tensors(trainer).SequenceEqual(header.Tensors, TensorComparer.Instance))
            {
                throw new InvalidFormatException($"{FilePath}: the tensors are not those of this model.");
            }

            ForEachChunk(trainer, stream.ReadExactly);
            trainer.Restore(progress);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RubatoException($"{FilePath}: no checkpoint can be read: {e.Message}", e);
        }
    }

    private static IEnumerable<(string Name, ImmutableArray<long> Shape)> Tensors(Trainer trainer) =>
        trainer.State().SelectMany(part => trainer.Model.Parameters.Layout.Select(place => ($"{part.Name}.{place.Name}", place.Shape)));

    /// <summary>Hands out all tensors of the trainer's state in the order of the file, in pieces that a span can hold.</summary>
    private static void ForEachChunk(Trainer trainer, Action<Span<byte>> action)
    {
        foreach (var (_, flat) in trainer.State())
        {
            for (long start = 0; start < flat.shape[0]; start += ChunkLength)
            {
                using var chunk = flat.narrow(0, start, Math.Min(ChunkLength, flat.shape[0] - start));
                action(chunk.bytes);
            }
        }
    }

    private TrainerProgress Progress(SafetensorsHeader header)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainerProgress>(header.Metadata.GetValueOrDefault(ProgressKey, "null"))
                ?? throw new InvalidFormatException($"{FilePath}: holds no training progress; it is not a checkpoint.");
        }
        catch (JsonException e)
        {
            throw new InvalidFormatException($"{FilePath}: the training progress cannot be read.", e);
        }
    }

    private void RequireSameRecipe(SafetensorsHeader header)
    {
        var saved = SavedRecipe(header);
        var key = Recipe.Keys.Union(saved.Keys).FirstOrDefault(k => saved.GetValueOrDefault(k) != Recipe.GetValueOrDefault(k));
        if (key is not null)
        {
            var (was, asked) = (saved.GetValueOrDefault(key, "nothing"), Recipe.GetValueOrDefault(key, "nothing"));
            throw new RubatoException($"{FilePath}: was made with {key} = {was}, not {asked}; start a new run in another folder.");
        }
    }

    private SortedDictionary<string, string> SavedRecipe(SafetensorsHeader header)
    {
        try
        {
            return JsonSerializer.Deserialize<SortedDictionary<string, string>>(header.Metadata.GetValueOrDefault(RecipeKey, "{}"))
                ?? throw new InvalidFormatException($"{FilePath}: holds no recipe; it is not a checkpoint.");
        }
        catch (JsonException e)
        {
            throw new InvalidFormatException($"{FilePath}: the recipe cannot be read.", e);
        }
    }

    private sealed class TensorComparer : IEqualityComparer<(string Name, ImmutableArray<long> Shape)>
    {
        public static TensorComparer Instance { get; } = new();

        public bool Equals((string Name, ImmutableArray<long> Shape) x, (string Name, ImmutableArray<long> Shape) y) =>
            x.Name == y.Name && x.Shape.SequenceEqual(y.Shape);

        public int GetHashCode((string Name, ImmutableArray<long> Shape) obj) => obj.Name.GetHashCode(StringComparison.Ordinal);
    }
}
