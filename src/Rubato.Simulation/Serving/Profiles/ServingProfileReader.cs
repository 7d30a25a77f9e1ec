using System.Text.Json;
using Rubato.Core;
using Rubato.Simulation.Serving.Links;

namespace Rubato.Simulation.Serving.Profiles;

/// <summary>Reads serving profiles: the built-in ones by name, others as JSON files of the same form.</summary>
public static class ServingProfileReader
{
    private const int BytesMax = 1 << 16;
    private const string Prefix = "Rubato.Simulation.Serving.Profiles.BuiltIn.";
    private const string Suffix = ".json";

    private static readonly JsonDocumentOptions Json = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 8 };

    /// <summary>The names of the built-in profiles, in order.</summary>
    public static IReadOnlyList<string> BuiltInNames { get; } =
    [
        .. typeof(ServingProfileReader).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A built-in profile.</summary>
    /// <exception cref="InvalidOptionException">There is none of that name; the message lists those that are.</exception>
    public static ServingProfile BuiltIn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!BuiltInNames.Contains(name))
        {
            throw new InvalidOptionException($"The profile '{name}' is neither a file nor one of: {string.Join(", ", BuiltInNames)}.");
        }

        using var stream = typeof(ServingProfileReader).Assembly.GetManifestResourceStream(Prefix + name + Suffix)!;
        return Read(stream, name);
    }

    /// <summary>The profile in <paramref name="stream"/>.</summary>
    /// <param name="stream">UTF-8 JSON, of 64 KiB at most; the caller's.</param>
    /// <param name="name">What messages call it, as a file name.</param>
    /// <exception cref="InvalidFormatException">It is not JSON, a field is missing or unknown, or a value is out of range.</exception>
    public static ServingProfile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var bytes = new byte[BytesMax + 1];
        var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > BytesMax)
        {
            throw new InvalidFormatException($"{name}: it is longer than {BytesMax} bytes, which no profile is.");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length), Json);
            return Read(new ProfileObject(document.RootElement, name), name);
        }
        catch (JsonException error)
        {
            throw new InvalidFormatException($"{name}, line {error.LineNumber + 1}: it is not JSON.", error);
        }
        catch (InvalidOperationException error)
        {
            // A text with half a surrogate pair.
            throw new InvalidFormatException($"{name}: a text in it is not Unicode.", error);
        }
    }

    private static ServingProfile Read(ProfileObject root, string name)
    {
        var profile = new ServingProfile
        {
            Name = root.Text("name"),
            Title = root.Text("title"),
            Compute = Compute(root.Child("compute")),
            Memory = Memory(root.Child("memory")),
            Link = Link(root.Child("link")).Validated(name),
            Sources = root.Child("sources").Texts(),
        };
        root.End();
        var unnamed = ((string[])["compute", "memory", "link"]).FirstOrDefault(part => !profile.Sources.ContainsKey(part));
        return unnamed is null ? profile : throw new InvalidFormatException($"{name}: sources: {unnamed} is missing; say where its numbers come from.");
    }

    private static ComputeProfile Compute(ProfileObject fields)
    {
        var compute = new ComputeProfile
        {
            StepSeconds = fields.Number("stepMilliseconds", 0, 1e6) / 1e3,
            KvTokenSeconds = fields.Number("kvTokenMicroseconds", 0, 1e6) / 1e6,
            PrefillTokenSeconds = fields.Number("prefillTokenMilliseconds", 0, 1e6) / 1e3,
            KneeSequences = fields.Whole("kneeSequences", 0, 1 << 20, 0),
            SequenceSeconds = fields.Number("sequenceMilliseconds", 0, 1e6, 0) / 1e3,
            PrefillStepShare = fields.Number("prefillStepShare", 0, 1, 1),
            CopySlowdown = fields.Number("copySlowdown", 0, 100, 0),
        };
        fields.End();
        return compute;
    }

    private static MemoryProfile Memory(ProfileObject fields)
    {
        var memory = new MemoryProfile
        {
            BlockTokens = fields.Whole("blockTokens", 1, 1024),
            DeviceBlocks = fields.Whole("deviceBlocks", 1, 1 << 24),
            SwapBlocks = fields.Whole("swapBlocks", 0, 1 << 24),
            ContextTokens = fields.Whole("contextTokens", 1, 1 << 24),
            SequencesMax = fields.Whole("sequencesMax", 1, 1 << 16),
            TokensPerStep = fields.Whole("tokensPerStep", 1, 1 << 20),
        };
        fields.End();
        return memory;
    }

    private static LinkProfile Link(ProfileObject fields)
    {
        var link = new LinkProfile
        {
            Out = Channel(fields.Child("out")),
            In = Channel(fields.Child("in")),
            DuplexFactor = fields.Number("duplexFactor", 0.01, 1, 1),
            Planes = fields.Whole("planes", 1, 4096),
            PlaneBytes = fields.Whole("planeBytes", 1, int.MaxValue),
        };
        fields.End();
        return link;
    }

    private static ChannelProfile Channel(ProfileObject fields)
    {
        var channel = new ChannelProfile(fields.Number("callMicroseconds", 0, 1e6) / 1e6, fields.Number("gigabytesPerSecond", 1e-6, 1e6) * 1e9);
        fields.End();
        return channel;
    }
}
