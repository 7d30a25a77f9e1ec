using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>Every profile that the text form knows, with its parameters.</summary>
public static class ProfileCatalog
{
    private static readonly BudgetPart OneStep = BudgetPart.Steps(1);

    private static readonly Entry[] Entries =
    [
        new("constant", "", "the peak rate throughout; also called none", r => new ConstantProfile()),
        new("linear", "", "1 − u", r => new LinearProfile()),
        new("cosine", "power=1", "(½ (1 + cos πu))^power", r => new CosineProfile(r.Number("power", 1))),
        new("polynomial", "power=2", "(1 − u)^power", r => new PolynomialProfile(r.Number("power", 2))),
        new("exponential", "final=0.01 or gamma", "final^u, or gamma^t by update", Exponential),
        new("step", "milestones=50-75, gamma=0.1", "gamma^(milestones passed)", r => new StepProfile(r.Milestones("milestones") ?? [0.5, 0.75], r.Number("gamma", 0.1))),
        new("delayed-linear", "start=50%", "1 up to start, then linear to 0", r => new DelayedLinearProfile(r.Share("start", 0.5))),
        new("inverse-sqrt", "offset=1 steps", "√(W / (t + W))", r => new InverseTimeProfile(r.Part("offset") ?? OneStep, squareRoot: true)),
        new("inverse-time", "offset=1 steps", "W / (t + W)", r => new InverseTimeProfile(r.Part("offset") ?? OneStep, squareRoot: false)),
        new("rex", "beta=0.5", "z / ((1 − beta) + beta z), z = 1 − u (MLSys 2022)", r => new RexProfile(r.Number("beta", 0.5))),
        new("rex-community", "", "rex(beta=0.9): what several libraries call REX", r => RexProfile.Community),
        new("uba", "phi=1, phase=midpoint|endpoint", "y / (phi/2 + (1 − phi/2) y), y = ½ (1 + cos πu) (NeurIPS 2025)", r => new UbaProfile(r.Number("phi", 1))),
        new("wsd", "decay=20%, cooldown=sqrt|linear|cosine|square", "1, then a cool-down over the last share", r => new WsdProfile(r.Share("decay", 0.2), r.Word("cooldown", Words.Cooldowns, Cooldown.SquareRoot))),
        new("onecycle", "rise=30%, div=25, final-div=10000, anneal=cosine|linear, phases=2|3, momentum=0.95, base-momentum=0.85", "up to the peak and down again, momentum the other way", OneCycle),
        new("triangular", "half=10%, base=0.1", "cyclic straight lines between base and peak", r => new TriangularProfile(r.Part("half") ?? BudgetPart.Share(0.1), r.Number("base", 0.1))),
        new("sgdr", "period=25%, mult=1", "cosine with warm restarts", r => new SgdrProfile(r.Part("period") ?? BudgetPart.Share(0.25), r.Number("mult", 1))),
        new("ramp", "rise, power=1", "min(1, u/rise), then ((1 − u)/(1 − rise))^power: a refined schedule summed up", r => new RampProfile(r.Number("rise", 0), r.Number("power", 1))),
        new("table", "[values], interpolation=linear|hold", "values from the beginning to the end of the budget", r => new TableProfile(r.Numbers("values"), r.Word("interpolation", new() { ["linear"] = false, ["hold"] = true }, false))),
        new("refined", "file, optimizer=sgd|adam, smoothing=0.1", "from the gradient norms of an earlier run", r => r.Refined()),
        new("warp", "a, profile", "M_a of a profile: y / (a + (1 − a) y)", r => new WarpProfile(r.RequiredNumber("a"), r.InnerProfile("the profile to warp"))),
        new("product", "profile, profile", "the product of two profiles", r => new ProductProfile(r.InnerProfile("the first factor"), r.InnerProfile("the second factor"))),
        new("splice", "at, profile, profile", "one profile, then another from its point of equal value", r => new SpliceProfile(r.RequiredNumber("at"), r.InnerProfile("the profile before"), r.InnerProfile("the profile after"))),
        new("phases", "phase(share, profile, max=1, min=0), …", "profiles one after another, each over its own share", r => r.Phases()),
    ];

    private static readonly Dictionary<string, string> Aliases = new() { ["none"] = "constant", ["poly"] = "polynomial", ["delayed"] = "delayed-linear" };

    private static readonly Dictionary<string, Entry> ByName = Entries.ToDictionary(entry => entry.Name);

    /// <summary>The profiles in the order in which they are best read.</summary>
    public static IReadOnlyList<ProfileDescription> All { get; } = [.. Entries.Select(entry => new ProfileDescription(entry.Name, entry.Parameters, entry.Formula))];

    internal static IEnumerable<string> NamesAndAliases => ByName.Keys.Concat(Aliases.Keys);

    internal static Entry? Find(string name) => ByName.GetValueOrDefault(Aliases.GetValueOrDefault(name, name));

    private static IProfile Exponential(ArgumentReader r) =>
        r.TakeNamed("gamma") is { } gamma
            ? new GeometricProfile(gamma is NumberTerm { Unit: "" } number ? number.Value : throw r.Fail(gamma, $"exponential: gamma is {gamma.Written}, expected a number."))
            : new ExponentialProfile(r.Number("final", 0.01));

    private static OneCycleProfile OneCycle(ArgumentReader r) => new(
        r.Share("rise", 0.3),
        r.Number("div", 25),
        r.Number("final-div", 1e4),
        r.Word("anneal", new() { ["cosine"] = false, ["linear"] = true }, false),
        r.Word("phases", new() { ["2"] = false, ["3"] = true }, false),
        r.Number("momentum", 0.95),
        r.Number("base-momentum", 0.85));

    internal sealed record Entry(string Name, string Parameters, string Formula, Func<ArgumentReader, IProfile> Make);
}

/// <summary>What the text form of a profile looks like.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">Its parameters with their defaults.</param>
/// <param name="Formula">What it computes over the progress u, 0 … 1, or the update t.</param>
public sealed record ProfileDescription(string Name, string Parameters, string Formula);
