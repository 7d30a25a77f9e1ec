using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;
using Rubato.Models.Gguf;
using Rubato.Torch.Export;
using Rubato.Torch.Llama;
using Rubato.Torch.Training;

namespace Rubato.Cli.Training.Train;

/// <summary>The options of <c>rubato train</c> and how they become settings.</summary>
internal sealed class TrainOptions
{
    private const string TimeRule = "Time counts from the first update on.";

    private readonly Option<string> _budget =
        Make("--budget", "BUDGET", $"When to stop: 2000steps, 3epochs, 5Mtokens, 10min. {TimeRule}", "10min");

    private readonly Option<double> _rate = Make("--lr", "RATE", "Peak learning rate.", 2e-3);

    private readonly Option<string> _schedule =
        Make("--schedule", "SCHEDULE", "Learning rate over the budget: rex, uba(phi=1), refined(norms.csv), file:PATH and others; 'rubato lr list' names them.", "rex");

    private readonly Option<string> _warmup =
        Make("--warmup", "LENGTH", "How long the rate rises, as 2%, 0.02 or '100 steps'; 0 for no rise. A schedule's own warm-up wins, and what is refined gets none unless asked.", "2%");

    private readonly Option<double> _clip = Make("--clip", "NORM", "Largest gradient norm.", 1.0);
    private readonly Option<double> _weightDecay = Make("--weight-decay", "DECAY", "Weight decay of matrices.", 0.1);

    private readonly Option<string> _precision = Make(
        "--precision", "NAME", "Numbers in products: float32, or bfloat16 (twice as fast with AVX512-BF16 or AMX).", "float32");

    private readonly Option<int> _batch = Make("--batch", "N", "Rows per pass.", 8);
    private readonly Option<int> _accumulate = Make("--accumulate", "N", "Passes per update.", 1);
    private readonly Option<int> _sequence = Make("--sequence", "N", "Tokens per row.", 512);
    private readonly Option<int> _context = Make("--context", "N", "Context length that the model is made for.", 4096);
    private readonly Option<int> _validations = Make("--validations", "N", "How often to measure on held-out text.", 10);
    private readonly Option<string> _size = Make("--size", "NAME", "Preset of the sizes of a new model: nano, tiny or small.", "tiny");
    private readonly Option<int?> _layers = Make<int?>("--layers", "N", "Blocks of a new model.");
    private readonly Option<int?> _width = Make<int?>("--width", "N", "Values per token of a new model.");
    private readonly Option<int?> _heads = Make<int?>("--heads", "N", "Attention heads of a new model.");
    private readonly Option<int?> _keyValueHeads = Make<int?>("--kv-heads", "N", "Key and value heads of a new model.");
    private readonly Option<int?> _feedForward = Make<int?>("--ffn", "N", "Feed-forward length of a new model.");
    private readonly Option<int?> _vocabulary = Make<int?>("--vocab", "N", "Vocabulary size of a new model.");
    private readonly Option<bool> _untied = new("--untied") { Description = "Give a new model an output head of its own." };

    private readonly Option<string?> _init =
        Make<string?>("--init", "FILE", "Go on from the weights and the vocabulary of this GGUF file.");

    private readonly Option<string?> _corpus = Make<string?>(
        "--corpus", "PATH", "A text file or a folder; by default the XML documentation of the installed .NET SDK.");

    private readonly Option<bool> _chat =
        new("--chat") { Description = "Train on questions and answers about the corpus; only the answers count." };

    private readonly Option<double> _corpusShare = Make("--corpus-share", "SHARE", "With --chat: share of rows with plain text.", 0.25);
    private readonly Option<string> _out = Make("--out", "FILE", "Where the model goes.", "model.gguf");
    private readonly Option<string> _type = Make("--type", "TYPE", "How weights are stored in it: F32, F16, BF16 or Q8_0.", "F16");
    private readonly Option<string?> _name = Make<string?>("--name", "NAME", "The model's name; by default the file's.");
    private readonly Option<string?> _run = Make<string?>("--run", "DIR", "Folder for checkpoints, metrics.jsonl and TensorBoard files.");

    private readonly Option<string?> _recordNorms =
        Make<string?>("--record-norms", "FILE", "Write the gradient norms of every update as CSV, from which 'rubato lr refine' makes the next run's schedule.");

    private readonly Option<bool> _resume =
        new("--resume") { Description = "Go on from the checkpoint in --run, with the options that the run was started with." };

    private readonly Option<int?> _threads = Make<int?>("--threads", "N", "Threads; by default one per processor.");
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Show what would be trained, then stop." };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _budget, _rate, _schedule, _warmup, _clip, _weightDecay, _precision, _batch, _accumulate, _sequence, _context, _validations,
            _size, _layers, _width, _heads, _keyValueHeads, _feedForward, _vocabulary, _untied, _init, _corpus, _chat, _corpusShare,
            _out, _type, _name, _run, _recordNorms, _resume, _threads, _dryRun,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether to go on with an earlier run, and in which folder.</summary>
    /// <exception cref="InvalidOptionException">Asked to, without a folder.</exception>
    public string? ResumedFolder(ParseResult parsed) =>
        !parsed.GetValue(_resume) ? null
        : parsed.GetValue(_run) ?? throw new InvalidOptionException("--resume needs --run DIR, the folder of the run to go on with.");

    /// <summary>The settings that a command line asks for.</summary>
    /// <exception cref="InvalidOptionException">A value is out of range or contradicts another.</exception>
    public TrainSettings Bind(ParseResult parsed)
    {
        var outPath = parsed.GetRequiredValue(_out);
        var trainer = Trainer(parsed);
        var settings = new TrainSettings
        {
            Trainer = trainer,
            Size = Size(parsed),
            TiedHead = !parsed.GetValue(_untied),
            Precision = parsed.GetRequiredValue(_precision) switch
            {
                "float32" => MatrixPrecision.Float32,
                "bfloat16" => MatrixPrecision.BFloat16,
                var other => throw new InvalidOptionException($"--precision {other}: choose float32 or bfloat16."),
            },
            Sequence = AtLeastOne(parsed, _sequence),
            ContextLength = AtLeastOne(parsed, _context),
            Seed = parsed.GetValue(GlobalOptions.Seed),
            CorpusPath = parsed.GetValue(_corpus),
            InitialModel = parsed.GetValue(_init),
            Chat = parsed.GetValue(_chat),
            CorpusShare = parsed.GetValue(_corpusShare),
            Out = outPath,
            Type = FileType(parsed.GetRequiredValue(_type)),
            Name = parsed.GetValue(_name) ?? Path.GetFileNameWithoutExtension(outPath),
            RunFolder = parsed.GetValue(_run),
            NormsFile = parsed.GetValue(_recordNorms),
            Degenerate = trainer.Schedule.Profile is RampProfile && parsed.GetRequiredValue(_schedule).Contains("refined", StringComparison.Ordinal),
            Resume = parsed.GetValue(_resume),
            Threads = parsed.GetValue(_threads) is { } threads and (< 1 or > 1024)
                ? throw new InvalidOptionException($"--threads {threads}: must be 1 … 1024.")
                : parsed.GetValue(_threads),
            DryRun = parsed.GetValue(_dryRun),
        };
        CheckTogether(parsed, settings);
        return settings;
    }

    private TrainerOptions Trainer(ParseResult parsed)
    {
        var schedule = Schedule(parsed);
        var options = new TrainerOptions
        {
            Budget = Budget(parsed, schedule),
            Schedule = schedule,
            RecordNorms = parsed.GetValue(_recordNorms) is not null,
            LearningRate = parsed.GetValue(_rate),
            GradientClip = parsed.GetValue(_clip),
            Batch = parsed.GetValue(_batch),
            Accumulate = parsed.GetValue(_accumulate),
            Validations = parsed.GetValue(_validations),
            ValidationRows = Math.Max(1, 16_384 / AtLeastOne(parsed, _sequence)),
            Optimizer = new() { WeightDecay = parsed.GetValue(_weightDecay) },
        };
        options.Validate();
        if (options.Budget.Unit is BudgetUnit.Steps or BudgetUnit.Seconds)
        {
            _ = new BudgetedSchedule(options.Schedule, options.Budget); // Refused now, not after the corpus is read.
        }

        return options;
    }

    /// <summary>A budget that the schedule says itself counts unless the command line says another.</summary>
    private TrainingBudget Budget(ParseResult parsed, Schedule schedule)
    {
        if (schedule.Rebudgets.Count > 0)
        {
            throw new InvalidOptionException("--schedule: rebudget belongs to 'rubato lr curve'; give a run its budget with --budget.");
        }

        var asked = TrainingBudget.Parse(parsed.GetRequiredValue(_budget));
        return schedule.Budget is not { } own || own == asked ? asked
            : parsed.GetResult(_budget) is not { Implicit: false } ? own
            : throw new InvalidOptionException($"--budget {asked}: the schedule says | budget({own}); leave one of the two out.");
    }

    /// <summary>A warm-up that the schedule says itself wins over <c>--warmup</c>.</summary>
    private Schedule Schedule(ParseResult parsed)
    {
        var norms = new List<string>();
        var schedule = ScheduleInput.Parse(parsed.GetRequiredValue(_schedule), OptimizerKind.Adam, norms.Add);
        if (parsed.GetValue(_recordNorms) is { } recorded && norms.Any(read => Path.GetFullPath(read) == Path.GetFullPath(recorded)))
        {
            throw new InvalidOptionException($"--record-norms {recorded}: the schedule is refined from this file; record into another one.");
        }

        // What is refined brings its own rise.
        var warmup = parsed.GetRequiredValue(_warmup);
        var asked = parsed.GetResult(_warmup) is { Implicit: false } || norms.Count == 0;
        return schedule.Warmup is not null || !asked || warmup.Trim() is "0" or "0%"
            ? schedule
            : schedule with { Warmup = LearningRates.Schedules.Schedule.Parse($"constant | warmup({warmup})").Warmup };
    }

    private ModelSize Size(ParseResult parsed)
    {
        var name = parsed.GetRequiredValue(_size);
        var preset = ModelSize.Presets.GetValueOrDefault(name)
            ?? throw new InvalidOptionException($"--size {name}: choose one of {string.Join(", ", ModelSize.Presets.Keys)}.");
        return new(
            parsed.GetValue(_layers) ?? preset.Layers,
            parsed.GetValue(_width) ?? preset.Width,
            parsed.GetValue(_heads) ?? preset.Heads,
            parsed.GetValue(_keyValueHeads) ?? preset.KeyValueHeads,
            parsed.GetValue(_feedForward) ?? preset.FeedForward,
            parsed.GetValue(_vocabulary) ?? preset.Vocabulary);
    }

    private void CheckTogether(ParseResult parsed, TrainSettings settings)
    {
        if (settings.Sequence > settings.ContextLength)
        {
            throw new InvalidOptionException($"--sequence {settings.Sequence}: is longer than --context {settings.ContextLength}.");
        }

        _ = settings.Size.ToConfiguration(settings.Size.Vocabulary, settings.ContextLength, settings.TiedHead);
        if (settings.CorpusShare is not (>= 0 and < 1))
        {
            throw new InvalidOptionException(FormattableString.Invariant(
                $"--corpus-share {settings.CorpusShare}: must be at least 0 and below 1."));
        }

        Option[] sizes = [_layers, _width, _heads, _keyValueHeads, _feedForward, _vocabulary, _untied];
        var given = sizes.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        if (settings.InitialModel is not null && given is not null)
        {
            throw new InvalidOptionException(
                $"{given.Name}: --init takes the sizes from {settings.InitialModel}; leave one of the two out.");
        }
    }

    private static int AtLeastOne(ParseResult parsed, Option<int> option) => parsed.GetValue(option) is >= 1 and <= 1 << 20 and var value
        ? value
        : throw new InvalidOptionException($"{option.Name} {parsed.GetValue(option)}: must be 1 … {1 << 20}.");

    private static GgmlType FileType(string name) => GgufExport.Types.TryGetValue(name, out var type)
        ? type
        : throw new InvalidOptionException($"--type {name}: choose one of {string.Join(", ", GgufExport.Types.Keys)}.");

    private static Option<T> Make<T>(string name, string value, string description, T standard) =>
        new(name) { Description = description, HelpName = value, DefaultValueFactory = _ => standard };

    private static Option<T> Make<T>(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };
}
