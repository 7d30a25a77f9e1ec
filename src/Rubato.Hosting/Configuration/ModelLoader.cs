using Microsoft.Extensions.Logging;
using Rubato.Core;
using Rubato.Hosting.Engine;
using Rubato.Hosting.Transfers;
using Rubato.Inference.Caching;
using Rubato.Inference.Models;
using Rubato.Inference.Packing;
using Rubato.Kernels.Threading;
using Rubato.Models;
using Rubato.Models.Chat;
using Rubato.Models.Chat.Tools;
using Rubato.Models.Gguf;
using Rubato.Models.Tokenizers;
using Rubato.Serving;

namespace Rubato.Hosting.Configuration;

/// <summary>From a GGUF file to a running engine.</summary>
public static class ModelLoader
{
    private const int KvBlocksMax = 1 << 24; // The most that a scheduler takes.

    /// <summary>Opens the model file that the options name.</summary>
    /// <param name="options">Which model, and how it is to be served.</param>
    /// <param name="logs">Where it is told that weights are being packed; null for nowhere.</param>
    /// <exception cref="RubatoException">The options or the file break a rule, or the KV pool does not fit in memory.</exception>
    public static LoadedModel Load(ServingOptions options, ILoggerFactory? logs = null) => Load(options, logs, shared: null);

    /// <param name="options">Which model, and how it is to be served.</param>
    /// <param name="logs">Where it is told that weights are being packed; null for nowhere.</param>
    /// <param name="shared">Threads that it shares with other models; null for some of its own.</param>
    internal static LoadedModel Load(ServingOptions options, ILoggerFactory? logs, WorkerGang? shared)
    {
        ServingOptionsValidator.Validate(options);
        var log = logs?.CreateLogger(typeof(ModelLoader));
        var packing = PackingOptions.Default with { Threads = options.Threads == 0 ? null : options.Threads, Notice = log is null ? null : line => EngineLog.Packing(log, line) };
        var weights = DecoderModel.Open(options.ModelPath, packing);
        try
        {
            return new LoadedModel(weights, Describe(weights, options), Fit(options, weights.Configuration), options, shared);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Starts an engine over a loaded model; the engine does not own the model.</summary>
    /// <exception cref="RubatoException">The scheduler's options break a rule, or the journal cannot be written.</exception>
    public static ServingEngine CreateEngine(LoadedModel model, ServingOptions options, TimeProvider time, ILoggerFactory? logs = null) =>
        CreateEngine(model, options, time, logs, scope: null);

    /// <param name="model">A loaded model.</param>
    /// <param name="options">Its options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where the engine logs.</param>
    /// <param name="scope">Whose meters those of the engine are.</param>
    internal static ServingEngine CreateEngine(LoadedModel model, ServingOptions options, TimeProvider time, ILoggerFactory? logs, object? scope)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var scheduler = new Scheduler(model.SchedulerOptions);
        var transfers = model.SchedulerOptions.Switching.Swaps ? model.OpenSwap(options, logs) : null;
        try
        {
            var settings = new ServingEngineSettings
            {
                Scheduler = scheduler, Engine = options.Engine, Time = time, Logs = logs, Threads = model.Threads, MetricsScope = scope, Transfers = transfers,
            };
            if (options.RecordPath is { } path)
            {
                var recording = Recording.Start(scheduler, path, options.ModelPath);
                settings = settings with { Scheduler = recording.Scheduler, Owned = [recording] };
            }

            return new ServingEngine(model.Served, model.Executor, settings);
        }
        catch
        {
            transfers?.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that a model will take: its file, and its keys and values.</summary>
    /// <exception cref="RubatoException">The file cannot be used.</exception>
    internal static long EstimateBytes(ServingOptions options)
    {
        using var file = GgufFile.Open(options.ModelPath);
        var configuration = ModelConfiguration.FromGguf(file);
        var scheduler = Fit(options, configuration);
        return new FileInfo(options.ModelPath).Length + (KvCache.EstimateBytesPerBlock(configuration, scheduler.BlockTokens, options.KeyValues) * scheduler.KvBlocks);
    }

    private static ServedModel Describe(DecoderModel weights, ServingOptions options)
    {
        var tokenizer = Tokenizer.FromGguf(weights.File.Metadata);
        if (tokenizer.VocabularySize > weights.Configuration.VocabularySize)
        {
            throw new InvalidFormatException(
                $"{weights.File.Name}: the tokenizer has {tokenizer.VocabularySize} tokens, the model only {weights.Configuration.VocabularySize}.");
        }

        var chat = ChatForm(weights.File.Name, tokenizer);
        return new ServedModel
        {
            Name = options.ModelName ?? Path.GetFileNameWithoutExtension(options.ModelPath),
            Tokenizer = tokenizer,
            Pooling = options.Pooling ?? PoolingOf(weights.File.Metadata),
            RenderChat = chat is null ? null : messages => chat(new ChatConversation([.. messages], [])),
            RenderConversation = chat,
            ToolCalls = ToolCallSyntax.Of(tokenizer.Vocabulary.ChatTemplate),
            CreatedUnixSeconds = new DateTimeOffset(File.GetLastWriteTimeUtc(options.ModelPath)).ToUnixTimeSeconds(),
        };
    }

    /// <summary>The model's chat template; one that cannot be used makes chat requests fail with its error, not the whole server.</summary>
    private static Func<ChatConversation, string>? ChatForm(string file, Tokenizer tokenizer)
    {
        if (tokenizer.Vocabulary.ChatTemplate is not { } source)
        {
            return null;
        }

        try
        {
            var render = ChatTemplate.Parse(source).ConversationRendererFor(tokenizer);
            return ToolCallSyntax.Of(source).TakesSeveral ? render : conversation => render(SequentialCalls.Write(conversation));
        }
        catch (InvalidFormatException error)
        {
            return _ => throw new InvalidFormatException($"{file}: {error.Message}", error);
        }
    }

    /// <summary>The file's pooling type: 0 none, 1 mean, 2 first token, 3 last token; rankers (4) give no embeddings.</summary>
    private static EmbeddingPooling PoolingOf(GgufMetadata metadata) =>
        metadata.FindUInt32($"{metadata.GetString("general.architecture")}.pooling_type") switch
        {
            null or 3 => EmbeddingPooling.Last,
            1 => EmbeddingPooling.Mean,
            2 => EmbeddingPooling.First,
            _ => EmbeddingPooling.None,
        };

    private static SchedulerOptions Fit(ServingOptions options, ModelConfiguration configuration)
    {
        var asked = options.Scheduler;
        var blockBytes = KvCache.EstimateBytesPerBlock(configuration, asked.BlockTokens, options.KeyValues);
        return new()
        {
            BlockTokens = asked.BlockTokens,
            KvBlocks = options.KvMemoryBytes is { } bytes
                ? Math.Min(KvCache.BlocksForBudget(configuration, asked.BlockTokens, bytes, options.KeyValues), KvBlocksMax)
                : asked.KvBlocks,
            TokenBudgetPerStep = asked.TokenBudgetPerStep,
            RunningMax = asked.RunningMax,
            WaitingMax = asked.WaitingMax,
            ContextTokens = Math.Min(asked.ContextTokens, configuration.ContextLength),
            PrefixCaching = asked.PrefixCaching,
            Policy = asked.Policy,
            Fairness = asked.Fairness,
            Switching = asked.Switching with { SwapBlocks = SwapBlocks(options.Swap, blockBytes) },
        };
    }

    private static int SwapBlocks(SwapTierOptions swap, long blockBytes)
    {
        var blocks = swap.Bytes / blockBytes;
        return swap.Kind == SwapTierKind.None || blocks > 0
            ? (int)Math.Min(blocks, KvBlocksMax)
            : throw new InvalidOptionException($"--swap {swap}: one block of keys and values takes {blockBytes} bytes; give it more, or none.");
    }
}
