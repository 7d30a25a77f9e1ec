using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Models;
using Rubato.Models.Gguf;
using Rubato.Torch;
using Rubato.Torch.Checkpoints;
using Rubato.Torch.Data;
using Rubato.Torch.Export;
using Rubato.Torch.Llama;
using Rubato.Torch.Reports;
using Rubato.Torch.Training;

namespace Rubato.Cli.Training.Train;

/// <summary>One run of <c>rubato train</c>: load, train, measure, write.</summary>
internal sealed class TrainRun
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly TrainSettings _settings;
    private readonly IReadOnlyList<string> _args;
    private readonly TextWriter _log = Console.Error;

    private TrainRun(TrainSettings settings, IReadOnlyList<string> args) => (_settings, _args) = (settings, args);

    /// <summary>Runs and prints; returns the exit code.</summary>
    public static int Execute(TrainSettings settings, IReadOnlyList<string> args, bool json, bool verbose)
    {
        var run = new TrainRun(settings, args);
        var result = run.Run(verbose);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(result, JsonOptions));
        }
        else if (!settings.DryRun)
        {
            run.Print(result);
        }

        return settings.DryRun || result.Finished ? ExitCode.Done : ExitCode.Interrupted;
    }

    private TrainResult Run(bool verbose)
    {
        CheckTarget(_settings.Out);
        TorchRuntime.Start(_settings.Threads);
        using var initial = _settings.InitialModel is { } path ? GgufFile.Open(path) : null;
        var data = TrainData.Load(_settings, initial, _log.WriteLine);
        using var model = initial is not null
            ? LlamaModule.FromGguf(initial, _settings.ContextLength)
            : new LlamaModule(_settings.Size.ToConfiguration(data.Vocabulary.Tokens.Length, _settings.ContextLength, _settings.TiedHead), _settings.Seed);
        Describe(model.Configuration, data);
        return _settings.DryRun ? Result(model, data, new(), null, null, null, null, 0, finished: false) : Train(model, data, verbose);
    }

    private TrainResult Train(LlamaModule model, TrainData data, bool verbose)
    {
        model.Precision = _settings.Precision;
        using var trainer = new Trainer(model, data.Rows, data.ChatValidation ?? data.Validation, _settings.Trainer, TimeProvider.System);
        var checkpoints = _settings.RunFolder is { } folder ? new CheckpointFolder(folder, Recipe(model.Configuration, data)) : null;
        if (_settings.Resume)
        {
            checkpoints!.Load(trainer);
            _log.WriteLine($"goes on after {trainer.Progress.Steps} steps");
        }
        else if (checkpoints is { Exists: true })
        {
            throw new RubatoException($"--run {_settings.RunFolder}: holds a checkpoint of an earlier run; add --resume, or choose another folder.");
        }
        else if (checkpoints is not null)
        {
            RunArguments.Save(_settings.RunFolder!, _args);
        }

        var rate = MatrixProductRate.Measure(TimeProvider.System);
        var speed = new SpeedMeter();
        using var metrics = checkpoints is null ? null : new MetricsFile(Path.Combine(_settings.RunFolder!, "metrics.jsonl"), trainer.Progress.Steps);
        bool finished;
        using (var interrupt = new Interrupt())
        using (var display = new ProgressDisplay(_settings.Trainer.Budget, _log, terminal: !Console.IsErrorRedirected))
        {
            ImmutableArray<ITrainingObserver> observers = [speed, display];
            finished = trainer.Run(
                new TrainingObservers(metrics is null ? observers : [.. observers, metrics, new TensorBoardLog(_settings.RunFolder!)]),
                checkpoints,
                interrupt.Token);
        }

        rate = Math.Max(rate, MatrixProductRate.Measure(TimeProvider.System));
        if (verbose)
        {
            _log.WriteLine(FormattableString.Invariant($"matrix products: {rate / 1e9:F1} GFLOP/s"));
        }

        if (!finished)
        {
            _log.WriteLine(checkpoints is null
                ? "interrupted; without --run there is no checkpoint to go on from"
                : $"interrupted; go on with: rubato train --resume --run {_settings.RunFolder}");
            return Result(model, data, speed, trainer, null, null, null, rate, finished: false);
        }

        var held = data.Validation.Measure(model);
        var answers = data.ChatValidation?.Measure(model).Loss;
        var result = Result(model, data, speed, trainer, held, answers, Path.GetFullPath(_settings.Out), rate, finished: true);
        GgufExport.Write(model, data.Vocabulary with { ChatTemplate = ChatMarkup.Template }, _settings.Out, _settings.Type, Description(result, data));
        return result;
    }

    private ImmutableSortedDictionary<string, string> Recipe(LlamaConfiguration configuration, TrainData data) => _settings.Recipe()
        .Add("model", JsonSerializer.Serialize(configuration))
        .Add("corpus", data.Corpus.Fingerprint);

    private TrainResult Result(
        LlamaModule model, TrainData data, SpeedMeter speed, Trainer? trainer, ValidationResult? held, double? answers, string? path, double rate, bool finished)
    {
        var counters = trainer?.Counters ?? default;
        var cost = TrainingCost.PerToken(model.Configuration, _settings.Sequence);
        return new(
            counters.Steps, counters.Tokens, counters.Epochs, counters.Elapsed.Seconds, speed.RecentLoss, held?.Loss, held?.BitsPerByte, answers,
            speed.TokensPerSecond, rate > 0 ? speed.TokensPerSecond * cost / rate : 0, rate, finished, path, model.Parameters.Count,
            _settings.Seed, data.Corpus.Fingerprint, _settings.Recipe());
    }

    private Dictionary<string, string> Description(TrainResult result, TrainData data)
    {
        var description = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["general.name"] = _settings.Name,
            ["general.description"] = $"Trained by Rubato on {data.Corpus.Name}",
            ["general.license"] = "mit",
            ["rubato.corpus"] = data.Corpus.Name,
            ["rubato.corpus.sha256"] = data.Corpus.Fingerprint,
            ["rubato.train.validation_loss"] = result.ValidationLoss?.ToString("F4", CultureInfo.InvariantCulture) ?? "",
            ["rubato.train.tokens"] = result.Tokens.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (key, value) in result.Settings)
        {
            description["rubato.train." + key.Replace('-', '_')] = value;
        }

        return description;
    }

    private void Describe(LlamaConfiguration c, TrainData data)
    {
        var perUpdate = (long)_settings.Trainer.Batch * _settings.Trainer.Accumulate * _settings.Sequence;
        _log.WriteLine(FormattableString.Invariant(
            $"model: {c.ParameterCount / 1e6:F2} M parameters ({c.BlockCount} blocks of width {c.EmbeddingLength}, {c.HeadCount}/{c.KeyValueHeadCount} heads, feed-forward {c.FeedForwardLength}), context {c.ContextLength}"));
        _log.WriteLine(FormattableString.Invariant(
            $"budget {_settings.Trainer.Budget}, {perUpdate} tokens per update, {data.Rows.RowsPerEpoch * _settings.Sequence / (double)perUpdate:F0} updates per epoch, lr {_settings.Trainer.LearningRate}, {_settings.Trainer.Schedule}"));
    }

    private void Print(TrainResult result)
    {
        var output = Console.Out;
        if (result.Finished)
        {
            output.WriteLine(FormattableString.Invariant(
                $"held out: {result.ValidationLoss:F4} nats/token, {result.BitsPerByte:F4} bits/byte"));
            output.WriteLine($"model: {result.Model}");
        }

        output.WriteLine(FormattableString.Invariant(
            $"{result.Steps} steps, {result.Tokens} tokens, {result.Epochs:F2} epochs, {result.TokensPerSecond:F0} tokens/s, utilisation {result.Utilisation:P1}"));
    }

    /// <summary>Finds out before training, not after, that the model could not be written.</summary>
    private static void CheckTarget(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (Directory.Exists(path) || !Directory.Exists(folder))
        {
            throw new RubatoException(Directory.Exists(path) ? $"--out {path}: is a folder." : $"--out {path}: the folder {folder} does not exist; create it first.");
        }
    }

    /// <summary>Ctrl-C and the signal to terminate, as a token; the first one asks, the second one ends the process.</summary>
    private sealed class Interrupt : IDisposable
    {
        private readonly CancellationTokenSource _source = new();
        private readonly PosixSignalRegistration[] _registrations;

        public Interrupt() => _registrations = [Register(PosixSignal.SIGINT), Register(PosixSignal.SIGTERM)];

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            foreach (var registration in _registrations)
            {
                registration.Dispose();
            }

            _source.Dispose();
        }

        private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !_source.IsCancellationRequested;
            _source.Cancel();
        });
    }
}
