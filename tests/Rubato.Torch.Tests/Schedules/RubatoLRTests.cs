using Rubato.LearningRates.Schedules;
using Rubato.Torch.Schedules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Rubato.Torch.Tests.Schedules;

public sealed class RubatoLRTests
{
    private const int Steps = 40;

    [Fact]
    public void Steps_through_the_curve_and_stays_at_its_end()
    {
        using var optimizer = ScheduleDriverTests.TwoGroups(0.1, 0.02);
        var bound = Schedule.Parse("rex | warmup(10%)").Bind(Steps);
        var scheduler = new RubatoLR(optimizer, bound);
        for (var step = 0; step < Steps + 5; step++, scheduler.step())
        {
            Assert.Equal(step, scheduler.Step);
            Assert.Equal([0.1 * bound.At(step), 0.02 * bound.At(step)], ScheduleDriverTests.Rates(optimizer));
            Assert.Equal(ScheduleDriverTests.Rates(optimizer), scheduler.get_last_lr());
        }
    }

    [Fact]
    public void Jumps_to_any_update()
    {
        using var optimizer = ScheduleDriverTests.TwoGroups(1, 1);
        var bound = Schedule.Parse("uba(phi=3.7)").Bind(Steps);
        var scheduler = new RubatoLR(optimizer, bound);
        foreach (var step in (int[])[30, 3, 3, 39, 0])
        {
            scheduler.step(step);
            Assert.Equal(bound.At(step), ScheduleDriverTests.Rates(optimizer)[0]);
        }

        scheduler.step();
        Assert.Equal(bound.At(1), ScheduleDriverTests.Rates(optimizer)[0]);
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.step(-1));
    }

    public static TheoryData<string> Names => ["linear", "cosine", "step", "onecycle", "polynomial", "exponential"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Equals_the_library_s_scheduler_with_one_group(string name)
    {
        using var ours = SGD([nn.Parameter(zeros(2))], 0.5, momentum: 0.9);
        using var theirs = SGD([nn.Parameter(zeros(2))], 0.5, momentum: 0.9);
        var (text, library) = name switch
        {
            "linear" => ("linear", lr_scheduler.LinearLR(theirs, start_factor: 1, end_factor: 1e-300, total_iters: Steps)),
            "cosine" => ("cosine", lr_scheduler.CosineAnnealingLR(theirs, Steps)),
            "step" => ("step(milestones=50-75, gamma=0.1)", lr_scheduler.MultiStepLR(theirs, [Steps / 2, Steps * 3 / 4])),
            "onecycle" => ("onecycle", lr_scheduler.OneCycleLR(theirs, 0.5, total_steps: Steps)),
            "polynomial" => ("polynomial(power=2)", lr_scheduler.PolynomialLR(theirs, Steps, 2)),
            _ => ("exponential(gamma=0.9)", lr_scheduler.ExponentialLR(theirs, 0.9)),
        };
        var scheduler = new RubatoLR(ours, Schedule.Parse(text).Bind(Steps));
        for (var step = 0; step < Steps - 1; step++, scheduler.step(), library.step())
        {
            Assert.Equal(ScheduleDriverTests.Rates(theirs)[0], ScheduleDriverTests.Rates(ours)[0], 1e-9);
            if (name == "onecycle")
            {
                Assert.Equal(((IMomentum)theirs.ParamGroups.Single()).Momentum, ((IMomentum)ours.ParamGroups.Single()).Momentum, 1e-9);
            }
        }
    }
}
