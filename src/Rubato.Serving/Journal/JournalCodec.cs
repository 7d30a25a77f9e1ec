using System.Runtime.InteropServices;
using Rubato.Core;
using Rubato.Serving.Fairness;
using Rubato.Serving.Switching;
using Rubato.Serving.Transfers;

namespace Rubato.Serving.Journal;

/// <summary>From the JSON object of a line to its header or entry: the counterpart of <see cref="JournalWriter"/>.</summary>
internal static class JournalCodec
{
    public static JournalHeader ReadHeader(JournalObject line, string place)
    {
        var version = line.Integer<int>("rubatoJournal");
        if (version != JournalHeader.Version)
        {
            throw new InvalidFormatException(
                $"{place}: the journal has version {version}, this program reads version {JournalHeader.Version}.");
        }

        line.Allow(
            "rubatoJournal",
            "blockTokens",
            "kvBlocks",
            "tokenBudgetPerStep",
            "runningMax",
            "waitingMax",
            "contextTokens",
            "prefixCaching",
            "policy",
            "fairness",
            "switching");
        var options = new SchedulerOptions
        {
            BlockTokens = line.Integer<int>("blockTokens"),
            KvBlocks = line.Integer<int>("kvBlocks"),
            TokenBudgetPerStep = line.Integer<int>("tokenBudgetPerStep"),
            RunningMax = line.Integer<int>("runningMax"),
            WaitingMax = line.Integer<int>("waitingMax"),
            ContextTokens = line.Integer<int>("contextTokens"),
            PrefixCaching = line.Flag("prefixCaching"),
            Policy = line.Text("policy"),
            Fairness = OptionsJson.Read<ServicePolicyOptions>(line.Raw("fairness"), "fairness", place),
            Switching = OptionsJson.Read<SwitchingOptions>(line.Raw("switching"), "switching", place),
        };
        var errors = SchedulerOptionsValidator.FindErrors(options);
        return errors.Count == 0
            ? new(options)
            : throw new InvalidFormatException($"{place}: {string.Join(" ", errors)}");
    }

    public static JournalEntry ReadEntry(JournalObject line, string place)
    {
        var at = new Instant(line.Integer<long>("at"));
        switch (line.Text("call"))
        {
            case "admit":
                line.Allow("call", "at", "request", "outcome");
                return new AdmitEntry(at, ReadRequest(line.Object("request")), line.Name<AdmissionOutcome>("outcome"));
            case "cancel":
                line.Allow("call", "at", "id", "wasAlive");
                return new CancelEntry(at, new(line.Integer<long>("id")), line.Flag("wasAlive"));
            case "plan":
                line.Allow("call", "at", "plan");
                return new PlanEntry(at, JsonMarshal.GetRawUtf8Value(line.Raw("plan")).ToArray());
            case "complete":
                line.Allow("call", "at", "step", "tokens");
                return new CompleteEntry(at, line.Integer<long>("step"), [.. line.Objects("tokens").Select(ReadToken)]);
            case "transferEnded":
                line.Allow("call", "at", "ticket", "outcome");
                return new TransferEndedEntry(at, line.Integer<long>("ticket"), line.Name<TransferOutcome>("outcome"));
            case "shutdown":
                line.Allow("call", "at", "mode");
                return new ShutdownEntry(at, line.Name<ShutdownMode>("mode"));
            default:
                throw line.Wrong("call", "one of admit, cancel, plan, complete, transferEnded, shutdown");
        }
    }

    private static Request ReadRequest(JournalObject request)
    {
        request.Allow("id", "client", "user", "priority", "outputTokensMax", "hiddenStates", "cacheSalt", "sampling", "stopTokens", "promptTokens");
        return new()
        {
            Id = new(request.Integer<long>("id")),
            Client = request.Text("client"),
            User = request.Has("user") ? request.Text("user") : "",
            Priority = request.Has("priority") ? request.Integer<int>("priority") : 0,
            OutputTokensMax = request.Integer<int>("outputTokensMax"),
            HiddenStates = request.Has("hiddenStates") ? request.Name<HiddenStateUse>("hiddenStates") : HiddenStateUse.None,
            CacheSalt = request.Has("cacheSalt") ? request.Text("cacheSalt") : "",
            Sampling = ReadSampling(request.Object("sampling")),
            StopTokens = request.Integers("stopTokens"),
            PromptTokens = request.Integers("promptTokens"),
        };
    }

    private static SamplingParameters ReadSampling(JournalObject sampling)
    {
        sampling.Allow(
            "temperature",
            "topK",
            "topP",
            "minP",
            "typicalP",
            "repetitionPenalty",
            "presencePenalty",
            "frequencyPenalty",
            "logitBias",
            "seed",
            "logProbabilities");
        return new()
        {
            Temperature = sampling.Number("temperature"),
            TopK = sampling.Integer<int>("topK"),
            TopP = sampling.Number("topP"),
            MinP = sampling.Has("minP") ? sampling.Number("minP") : 0,
            TypicalP = sampling.Has("typicalP") ? sampling.Number("typicalP") : 1,
            RepetitionPenalty = sampling.Has("repetitionPenalty") ? sampling.Number("repetitionPenalty") : 1,
            PresencePenalty = sampling.Has("presencePenalty") ? sampling.Number("presencePenalty") : 0,
            FrequencyPenalty = sampling.Has("frequencyPenalty") ? sampling.Number("frequencyPenalty") : 0,
            LogitBias = sampling.Has("logitBias") ? [.. sampling.Objects("logitBias").Select(ReadBias)] : [],
            Seed = sampling.Integer<ulong>("seed"),
            LogProbabilityCount = sampling.Has("logProbabilities") ? sampling.Integer<int>("logProbabilities") : null,
        };
    }

    private static TokenBias ReadBias(JournalObject bias)
    {
        bias.Allow("token", "bias");
        return new(bias.Integer<int>("token"), bias.Number("bias"));
    }

    private static SampledToken ReadToken(JournalObject token)
    {
        token.Allow("request", "token", "ends");
        return new(new(token.Integer<long>("request")), token.Integer<int>("token"), token.Flag("ends"));
    }
}
