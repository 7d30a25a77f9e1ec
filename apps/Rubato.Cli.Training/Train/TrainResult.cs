namespace Rubato.Cli.Training.Train;

/// <summary>What a run came to; the JSON document of <c>--json</c>.</summary>
internal sealed record TrainResult
{
    /// <summary>Updates made, earlier parts of a resumed run included.</summary>
    public required long Steps { get; init; }

    /// <summary>Tokens trained.</summary>
    public required long Tokens { get; init; }

    /// <summary>Passes over the training data.</summary>
    public required double Epochs { get; init; }

    /// <summary>Training time.</summary>
    public required double Seconds { get; init; }

    /// <summary>Nats per token, mean of the last tenth of the updates of this process; null without any.</summary>
    public required double? TrainLoss { get; init; }

    /// <summary>Nats per token of held-out text; null when interrupted.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Bits per byte of held-out text; null when interrupted.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>Nats per token of held-out answers, in chat runs.</summary>
    public double? ChatValidationLoss { get; init; }

    /// <summary>Speed while training.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Share of the float32 matrix-product rate, measured in the same run; with bfloat16 products it can exceed 1.</summary>
    public required double Utilisation { get; init; }

    /// <summary>That rate in floating-point operations per second.</summary>
    public required double MatrixProductRate { get; init; }

    /// <summary>Whether the budget was spent; false when interrupted.</summary>
    public required bool Finished { get; init; }

    /// <summary>The written file, or null when interrupted.</summary>
    public string? Model { get; init; }

    /// <summary>Number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>SHA-256 of the corpus and its split.</summary>
    public required string CorpusFingerprint { get; init; }

    /// <summary>The settings by the names of the options.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}
