using Rubato.Cli.CommandLine;
using Rubato.Core;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato lr plot</c>: several schedules in one picture.</summary>
internal static class PlotCommand
{
    private const int StandardSteps = 1000;

    public static VerbCommand Create()
    {
        var schedules = LrInput.Schedules();
        var steps = LrInput.Steps($"Updates in the budget; {StandardSteps} when neither this nor the schedule says it.");
        var command = new VerbCommand(
            "plot",
            "Draw schedules into one picture; --out FILE.png or FILE.svg says where.",
            "rubato lr plot rex linear cosine \"uba(phi=5)\" --out curves.png",
            "rubato lr plot \"rex | sample(50-75)\" rex --steps 100 --out sampled.svg")
        { schedules, steps };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(GlobalOptions.Out) ?? throw new InvalidOptionException("--out FILE.png (or .svg) is missing: where does the picture go?");
            CurvePicture.Curve[] curves =
            [
                .. parsed.GetRequiredValue(schedules).Select(text =>
                {
                    var schedule = LrInput.Parse(text);
                    var bound = LrInput.Bind(schedule, parsed.GetValue(steps) ?? (schedule.Budget is null ? StandardSteps : null));
                    return new CurvePicture.Curve(schedule.ToString(), bound.Curve());
                }),
            ];
            CurvePicture.Save(path, curves);
            if (parsed.GetValue(GlobalOptions.Json))
            {
                Console.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { picture = path, schedules = curves.Select(curve => curve.Name) }));
            }
            else
            {
                Console.Out.WriteLine($"{path}: {curves.Length} {(curves.Length == 1 ? "curve" : "curves")}");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
