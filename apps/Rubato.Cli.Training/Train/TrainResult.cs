namespace Rubato.Cli.Training.Train;

/// <summary>What a run came to; the JSON document of <c>--json</c>.</summary>
/// <param name="Steps">Updates made, earlier parts of a resumed run included.</param>
/// <param name="Tokens">Tokens trained.</param>
/// <param name="Epochs">Passes over the training data.</param>
/// <param name="Seconds">Training time.</param>
/// <param name="TrainLoss">Nats per token, mean of the last tenth of the updates of this process; null without any.</param>
/// <param name="ValidationLoss">Nats per token of held-out text; null when interrupted.</param>
/// <param name="BitsPerByte">Bits per byte of held-out text; null when interrupted.</param>
/// <param name="ChatValidationLoss">Nats per token of held-out answers, in chat runs.</param>
/// <param name="TokensPerSecond">Speed while training.</param>
/// <param name="Utilisation">Share of the machine's float32 matrix-product rate, measured in the same run; bfloat16 products can exceed 1.</param>
/// <param name="MatrixProductRate">That rate in floating-point operations per second.</param>
/// <param name="Finished">Whether the budget was spent; false when interrupted.</param>
/// <param name="Model">The written file, or null when interrupted.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="Seed">The seed.</param>
/// <param name="CorpusFingerprint">SHA-256 of the corpus and its split.</param>
/// <param name="Settings">The settings by the names of the options.</param>
internal sealed record TrainResult(
    long Steps,
    long Tokens,
    double Epochs,
    double Seconds,
    double? TrainLoss,
    double? ValidationLoss,
    double? BitsPerByte,
    double? ChatValidationLoss,
    double TokensPerSecond,
    double Utilisation,
    double MatrixProductRate,
    bool Finished,
    string? Model,
    long Parameters,
    ulong Seed,
    string CorpusFingerprint,
    IReadOnlyDictionary<string, string> Settings);
