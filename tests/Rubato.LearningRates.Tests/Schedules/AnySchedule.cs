using CsCheck;
using Rubato.LearningRates.Budgets;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Tests.Schedules;

/// <summary>Draws schedules of every kind.</summary>
internal static class AnySchedule
{
    private static readonly Gen<double> Positive = Gen.Double[0.01, 10];
    private static readonly Gen<double> Share = Gen.OneOf(Gen.Double[0.01, 0.9], Gen.Int[1, 90].Select(percent => percent / 100.0));
    private static readonly Gen<IndexConvention> Index = Gen.Enum<IndexConvention>();

    /// <summary>Lengths; those in steps only where the budget counts steps.</summary>
    private static readonly Gen<BudgetPart> Part = Gen.OneOf(Share.Select(BudgetPart.Share), Gen.Long[1, 9].Select(BudgetPart.Steps));

    private static readonly Gen<ValueList<double>> Milestones = Gen.OneOf(
        Gen.Int[1, 99].HashSet[1, 4].Select(set => new ValueList<double>([.. set.Order().Select(percent => percent / 100.0)])),
        Gen.Double[0.01, 0.99].HashSet[1, 4].Select(set => new ValueList<double>([.. set.Order()])));

    public static readonly Gen<IProfile> Decays = Gen.OneOf<IProfile>(
        Gen.Const<IProfile>(new LinearProfile()),
        Gen.Double[0.2, 4].Select(power => (IProfile)new CosineProfile(power)),
        Gen.Double[0.2, 4].Select(power => (IProfile)new PolynomialProfile(power)),
        Gen.Double[1e-6, 0.9].Select(final => (IProfile)new ExponentialProfile(final)),
        Gen.Double[-4, 0.99].Select(beta => (IProfile)new RexProfile(beta)),
        Positive.Select(phi => (IProfile)new UbaProfile(phi)),
        Share.Select(start => (IProfile)new DelayedLinearProfile(start)),
        Gen.Select(Share, Gen.Enum<Cooldown>(), (share, cooldown) => (IProfile)new WsdProfile(share, cooldown)));

    private static readonly Gen<IProfile> Simple = Gen.OneOf<IProfile>(
        Decays,
        Gen.Const<IProfile>(new ConstantProfile()),
        Gen.Double[0.5, 1].Select(gamma => (IProfile)new GeometricProfile(gamma)),
        Gen.Select(Milestones, Gen.Double[0.1, 1], (milestones, gamma) => (IProfile)new StepProfile(milestones, gamma)),
        Gen.Select(Part, Gen.Bool, (part, root) => (IProfile)new InverseTimeProfile(part, root)),
        Gen.Select(Gen.Double[0.01, 0.5], Gen.Double[1, 100], Gen.Bool, Gen.Bool, (rise, div, linear, three) => (IProfile)new OneCycleProfile(rise, div, 1e4, linear, three)),
        Gen.Select(Part, Gen.Double[0, 1], (half, floor) => (IProfile)new TriangularProfile(half, floor)),
        Gen.Select(Part, Gen.Double[1, 3], (period, factor) => (IProfile)new SgdrProfile(period, factor)),
        Gen.Select(Share, Positive, (rise, power) => (IProfile)new RampProfile(rise, power)),
        Gen.Select(Gen.Double[0, 1].Array[1, 20], Gen.Bool, (values, hold) => (IProfile)new TableProfile(new(values), hold)));

    public static readonly Gen<IProfile> Profile = Gen.OneOf<IProfile>(
        Simple,
        Gen.Select(Positive, Simple, (a, inner) => (IProfile)new WarpProfile(a, inner)),
        Gen.Select(Simple, Simple, (first, second) => (IProfile)new ProductProfile(first, second)),
        Gen.Select(Share, Decays, Decays, (at, first, second) => (at, first, second)).Where(x => x.second.Inverse(x.first.At(x.at)) is not null)
            .Select(x => (IProfile)new SpliceProfile(x.at, x.first, x.second)),
        Gen.Select(Share, Simple, Simple, Index, Gen.Double[0, 0.5], (share, first, second, index, min) =>
            (IProfile)new PhasesProfile([new Phase(share, first, 1, min, index), new Phase(1 - share, second, 0.7)])));

    private static readonly Gen<Warmup> Warmup = Gen.Select(Part, Gen.Enum<WarmupShape>(), Gen.Double[0.001, 0.5], Gen.Bool, Gen.Bool, (length, shape, start, given, overlay) =>
        new Warmup(length, shape, given ? start : null, overlay));

    private static readonly Gen<ISampler> Sampler = Gen.OneOf<ISampler>(
        Milestones.Select(milestones => (ISampler)new MilestoneSampler(milestones)),
        Gen.Int[1, 50].Select(percent => (ISampler)RegularSampler.EveryPercent(percent)),
        Gen.Double[0.5, 20].Select(epochs => (ISampler)RegularSampler.EveryEpoch(epochs)));

    private static readonly Gen<ChannelCurve> Channel = Gen.Select(Decays, Gen.Double[0, 0.4], Gen.Double[0.5, 1], Index, (profile, min, max, index) => new ChannelCurve(profile, max, min, index));

    public static readonly Gen<Schedule> Any =
        Gen.Select(Gen.Select(Profile, Index), Gen.Select(Warmup, Sampler, Gen.Double[0, 1]), Gen.Select(Channel, Channel), Gen.Int[0, 127], (shape, stages, channels, chosen) =>
        {
            bool Has(int bit) => (chosen & (1 << bit)) != 0;
            return new Schedule(shape.Item1)
            {
                Index = Has(0) ? shape.Item2 : shape.Item1.DefaultIndex,
                Warmup = Has(1) ? stages.Item1 : null,
                Sampler = Has(2) && !CountsSteps(shape.Item1) ? stages.Item2 : null,
                Floor = Has(3) ? new(stages.Item3, Has(4)) : null,
                Momentum = Has(5) ? channels.Item1 : null,
                WeightDecay = Has(6) ? channels.Item2 : null,
                Budget = Has(4) ? new TrainingBudget(1000 + chosen, BudgetUnit.Steps) : null,
            };
        });

    /// <summary>Whether a profile has no value without a count of updates, which a sampler cannot give it.</summary>
    private static bool CountsSteps(IProfile profile) => profile switch
    {
        GeometricProfile => true,
        InverseTimeProfile inverse => inverse.Offset.IsSteps,
        TriangularProfile triangular => triangular.Half.IsSteps,
        SgdrProfile sgdr => sgdr.Period.IsSteps,
        WarpProfile warp => CountsSteps(warp.Inner),
        ProductProfile product => CountsSteps(product.First) || CountsSteps(product.Second),
        PhasesProfile phases => phases.Phases.Items.ToArray().Any(phase => CountsSteps(phase.Profile)),
        _ => false,
    };
}
