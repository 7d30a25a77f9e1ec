using Rubato.Core;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>Turns terms into a schedule.</summary>
internal sealed class ScheduleBinder(string source, Func<string, GradientNormSequence>? openNorms, OptimizerKind refinedFor = OptimizerKind.Sgd)
{
    /// <summary>Whose weights a refinement takes that does not say so.</summary>
    public OptimizerKind RefinedFor => refinedFor;

    private static readonly string[] Stages = ["warmup", "floor", "sample", "warp", "momentum", "weight-decay", "budget", "rebudget"];

    public Schedule Bind(IReadOnlyList<CallTerm> terms)
    {
        var (profile, index) = Profile(terms[0]);
        var schedule = new Schedule(profile);
        schedule = index is { } convention ? schedule with { Index = convention } : schedule;
        CallTerm? perEpoch = null;
        var seen = new HashSet<string>();
        foreach (var term in terms.Skip(1))
        {
            if (term.Name is not ("warp" or "rebudget") && !seen.Add(term.Name))
            {
                throw Fail(term, $"{term.Written} is there twice; keep one.");
            }

            if (term is { Name: "sample", Arguments: { Count: 1 } one } && one[0].Value is WordTerm { Word: "epoch" })
            {
                perEpoch = term;
                continue;
            }

            schedule = Stage(schedule, term);
        }

        return perEpoch is null ? schedule : SamplePerEpoch(schedule, perEpoch);
    }

    public (IProfile Profile, IndexConvention? Index) Profile(CallTerm call)
    {
        if (ProfileCatalog.Find(call.Name) is not { } entry)
        {
            throw Fail(call, call.Name == "plateau"
                ? "plateau follows the validation loss, not the budget: use PlateauController in code."
                : $"{call.Written} is no profile, expected one of {Names.List([.. ProfileCatalog.All.Select(known => known.Name)])}.{Names.Nearest(call.Name, ProfileCatalog.NamesAndAliases)}");
        }

        var reader = new ArgumentReader(call, this);
        IndexConvention? index = null;
        if (call.Arguments.Items.ToArray().Any(argument => argument.Name == "index"))
        {
            index = reader.Word("index", Words.Index, default);
        }
        else if (entry.Name == "uba" && call.Arguments.Items.ToArray().Any(argument => argument.Name == "phase"))
        {
            index = reader.Word("phase", Words.Phases, default);
        }

        var profile = Guard(call, () => entry.Make(reader));
        _ = reader.TakeNamed("index");
        reader.Done();
        return (profile, index);
    }

    public bool IsProfileName(Term term) => term is WordTerm word && ProfileCatalog.Find(word.Word) is not null && word.Word is not ("linear" or "cosine" or "exponential");

    public GradientNormSequence OpenNorms(Term at, string file) => openNorms is not null
        ? openNorms(file)
        : throw Fail(at, "refined reads a file, which is not possible here; refine first and write the values as a table.");

    /// <summary>Runs <paramref name="make"/>; a value out of range is reported with its place.</summary>
    public T Guard<T>(Term at, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (InvalidOptionException error) when (!error.Message.StartsWith(source, StringComparison.Ordinal))
        {
            throw Fail(at, error.Message);
        }
    }

    public InvalidOptionException Fail(Term at, string problem) => new($"{source}, {at.Place}: {problem}");

    private Schedule Stage(Schedule schedule, CallTerm term)
    {
        var reader = new ArgumentReader(term, this);
        var next = Guard(term, () => term.Name switch
        {
            "warmup" => schedule with { Warmup = Warmup(reader) },
            "floor" => schedule with { Floor = new(reader.RequiredNumber("level"), reader.Word("mode", new() { ["affine"] = false, ["clamp"] = true }, false)) },
            "sample" => schedule with { Sampler = Sampler(reader) },
            "warp" => schedule with { Profile = new WarpProfile(reader.RequiredNumber("a"), schedule.Profile) },
            "momentum" => schedule with { Momentum = Channel(reader, max: 0.95, min: 0.85) },
            "weight-decay" => schedule with { WeightDecay = Channel(reader, max: null, min: 0) },
            "budget" => schedule with { Budget = Budget(reader) },
            "rebudget" => schedule with { Rebudgets = [.. schedule.Rebudgets, Rebudget(reader)] },
            _ => throw Fail(term, $"{term.Written} is no stage, expected one of {Names.List(Stages)}.{Names.Nearest(term.Name, Stages)}"),
        });
        reader.Done();
        return next;
    }

    private static Warmup Warmup(ArgumentReader reader) => new(
        reader.RequiredPart("length"),
        reader.Word("shape", Words.Shapes, WarmupShape.Linear),
        reader.TakeNamed("start") switch
        {
            null => null,
            NumberTerm { Unit: "" } number => number.Value,
            var other => throw reader.Fail(other, $"warmup: start is {other.Written}, expected a number."),
        },
        reader.Word("mode", new() { ["prefix"] = false, ["overlay"] = true }, false));

    private static ISampler Sampler(ArgumentReader reader)
    {
        if (reader.TakeNamed("epochs") is { } epochs)
        {
            return epochs is NumberTerm { Unit: "" } number ? RegularSampler.EveryEpoch(number.Value) : throw reader.Fail(epochs, $"sample: epochs is {epochs.Written}, expected a number.");
        }

        return reader.Take("points") switch
        {
            NumberTerm { Unit: "%" } every => RegularSampler.EveryPercent(every.Value),
            NumbersTerm { Style: NumbersStyle.DashedPercent } list => new MilestoneSampler(new([.. list.Values.Items.ToArray().Select(percent => percent / 100)])),
            NumbersTerm { Style: NumbersStyle.Brackets } list => new MilestoneSampler(list.Values),
            var other => throw reader.Fail(other ?? reader.Call, $"sample: expected milestones (50-75), a distance (10%), epoch or epochs=10, found {other?.Written ?? "nothing"}."),
        };
    }

    private static ChannelCurve Channel(ArgumentReader reader, double? max, double min)
    {
        var (profile, index) = reader.Profile("the shape of the curve");
        return new(profile, reader.Number("max") ?? max ?? reader.RequiredNumber("max"), reader.Number("min") ?? min, index);
    }

    private static TrainingBudget Budget(ArgumentReader reader) => reader.Take("amount") is NumberTerm number
        ? TrainingBudget.Parse(number.Raw ?? TermText.Format(number))
        : throw reader.Fail(reader.Call, "budget: expected a number and a unit, such as 2000 steps or 10min.");

    private static Rebudget Rebudget(ArgumentReader reader)
    {
        var numbers = reader.Numbers("change");
        return numbers.Count == 2 && numbers.Items.ToArray().All(number => number is >= 0 and <= 1L << 53 && number == Math.Truncate(number))
            ? new((long)numbers[0], (long)numbers[1])
            : throw reader.Fail(reader.Call, "rebudget: expected STEP:NEW, such as 40:60.");
    }

    private Schedule SamplePerEpoch(Schedule schedule, Term at) => schedule.Budget is { Unit: BudgetUnit.Epochs } budget
        ? schedule with { Sampler = RegularSampler.EveryEpoch((double)budget.Amount) }
        : throw Fail(at, "sample(epoch) needs the number of epochs: add | budget(10 epochs), or write sample(epochs=10).");
}
