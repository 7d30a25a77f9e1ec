using System.Text.Json;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.Models.Chat;
using Rubato.Models.Files;
using Rubato.Models.Gguf;
using Rubato.Torch;
using Rubato.Torch.Checkpoints;
using Rubato.Torch.Export;
using Rubato.Torch.Llama;
using Rubato.Torch.Reports;
using Rubato.Torch.Training;

namespace Rubato.Cli.Training.Train;

/// <summary>One run of <c>rubato train</c>: load, train, measure, write.</summary>
internal sealed class TrainRun(TrainSettings settings, IReadOnlyList<string> args)
{
    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly TextWriter _log = Console.Error;

    /// <summary>Runs and prints; returns the exit code.</summary>
    public int Execute(bool json, bool verbose)
    {
        var result = Run(verbose);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(result, JsonOptions));
        }
        else if (!settings.DryRun)
        {
            TrainText.Print(result, Console.Out);
        }

        return settings.DryRun || result.Finished ? ExitCode.Done : ExitCode.Interrupted;
    }

    private TrainResult Run(bool verbose)
    {
        CheckTarget("--out", settings.Out);
        if (settings.RunFolder is { } folder)
        {
            CheckTarget("--run", Path.Combine(NearestFolder(folder), "checkpoint"));
        }

        if (settings.NormsFile is { } norms)
        {
            CheckTarget("--record-norms", norms);
        }

        TorchRuntime.Start(settings.Threads);
        using var initial = settings.InitialModel is { } path ? GgufFile.Open(path) : null;
        var data = TrainData.Load(settings, initial, _log.WriteLine);
        using var model = MakeModel(initial, data);
        TrainText.Describe(settings, model.Configuration, data, _log);
        return settings.DryRun
            ? Result(model, data, new(), trainer: null, rate: 0, finished: false)
            : Train(model, data, verbose);
    }

    private LlamaModule MakeModel(GgufFile? initial, TrainData data)
    {
        var model = initial is not null
            ? LlamaModule.FromGguf(initial, settings.ContextLength)
            : new LlamaModule(
                settings.Size.ToConfiguration(data.Vocabulary.Tokens.Length, settings.ContextLength, settings.TiedHead), settings.Seed);
        model.Precision = settings.Precision;
        return model;
    }

    private TrainResult Train(LlamaModule model, TrainData data, bool verbose)
    {
        using var trainer = new Trainer(model, data.Rows, data.ChatValidation ?? data.Validation, settings.Trainer, TimeProvider.System);
        var checkpoints = OpenRun(trainer, model, data);
        var rate = MatrixProductRate.Measure(TimeProvider.System);
        var speed = new SpeedMeter();
        var finished = Update(trainer, checkpoints, speed);
        rate = Math.Max(rate, MatrixProductRate.Measure(TimeProvider.System));
        if (verbose)
        {
            _log.WriteLine(FormattableString.Invariant($"matrix products: {rate / 1e9:F1} GFLOP/s"));
        }

        var result = Result(model, data, speed, trainer, rate, finished);
        if (!finished)
        {
            _log.WriteLine(checkpoints is null
                ? "interrupted; without --run there is no checkpoint to go on from"
                : $"interrupted; go on with: rubato train --resume --run {settings.RunFolder}");
            return result;
        }

        var held = data.Validation.Measure(model);
        result = result with
        {
            ValidationLoss = held.Loss,
            BitsPerByte = held.BitsPerByte,
            ChatValidationLoss = data.ChatValidation?.Measure(model).Loss,
            Model = Path.GetFullPath(settings.Out),
        };
        var vocabulary = data.Vocabulary with { ChatTemplate = ChatTemplate.ChatMl };
        GgufExport.Write(model, vocabulary, settings.Out, settings.Type, TrainText.Metadata(settings, result, data));
        return result;
    }

    /// <summary>Opens the run's folder and, to go on, restores the checkpoint in it.</summary>
    private CheckpointFolder? OpenRun(Trainer trainer, LlamaModule model, TrainData data)
    {
        if (settings.RunFolder is not { } folder)
        {
            return null;
        }

        var recipe = settings.Recipe()
            .Add("model", JsonSerializer.Serialize(model.Configuration))
            .Add("corpus", data.Corpus.Fingerprint);
        var checkpoints = new CheckpointFolder(folder, recipe);
        if (settings.Resume)
        {
            checkpoints.Load(trainer);
            _log.WriteLine($"goes on after {trainer.Progress.Steps} steps");
        }
        else if (checkpoints.Exists)
        {
            throw new RubatoException($"--run {folder}: holds a checkpoint of an earlier run; add --resume, or choose another folder.");
        }
        else
        {
            RunArguments.Save(folder, args);
        }

        return checkpoints;
    }

    private bool Update(Trainer trainer, CheckpointFolder? checkpoints, SpeedMeter speed)
    {
        using var interrupt = new Interrupt();
        using var display = new ProgressDisplay(settings.Trainer.Budget, _log, terminal: !Console.IsErrorRedirected);
        using var norms = settings.NormsFile is { } file ? new GradientNormsFile(file, trainer.Updates, trainer.Progress.Steps) : null;
        using var metrics = checkpoints is null ? null : new MetricsFile(Path.Combine(settings.RunFolder!, "metrics.jsonl"), trainer.Progress.Steps);
        var tensorBoard = checkpoints is null ? null : new TensorBoardLog(settings.RunFolder!);
        ITrainingObserver?[] observers = [speed, display, norms, metrics, tensorBoard];
        return trainer.Run(new TrainingObservers([.. observers.OfType<ITrainingObserver>()]), checkpoints, interrupt.Token);
    }

    private TrainResult Result(LlamaModule model, TrainData data, SpeedMeter speed, Trainer? trainer, double rate, bool finished)
    {
        var counters = trainer?.Counters ?? default;
        var cost = TrainingCost.PerToken(model.Configuration, settings.Sequence);
        return new()
        {
            Steps = counters.Steps,
            Tokens = counters.Tokens,
            Epochs = counters.Epochs,
            Seconds = counters.Elapsed.Seconds,
            TrainLoss = speed.RecentLoss,
            TokensPerSecond = speed.TokensPerSecond,
            Utilisation = rate > 0 ? speed.TokensPerSecond * cost / rate : 0,
            MatrixProductRate = rate,
            Finished = finished,
            Parameters = model.Parameters.Count,
            Seed = settings.Seed,
            CorpusFingerprint = data.Corpus.Fingerprint,
            Settings = settings.Recipe(),
        };
    }

    /// <summary>Finds out before training, not after, that nothing could be written.</summary>
    private static void CheckTarget(string option, string path)
    {
        try
        {
            AtomicFile.CheckWritable(path);
        }
        catch (RubatoException e)
        {
            throw new RubatoException($"{option} {e.Message}", e);
        }
    }

    /// <summary>The folder itself, or the one in which it will be made.</summary>
    private static string NearestFolder(string folder)
    {
        var nearest = Path.GetFullPath(folder);
        while (!Path.Exists(nearest) && Path.GetDirectoryName(nearest) is { } parent)
        {
            nearest = parent;
        }

        return nearest;
    }
}
