using Rubato.Cli.CommandLine;
using Rubato.LearningRates.Notation;

namespace Rubato.Cli.Commands.LearningRates;

/// <summary><c>rubato lr list</c>: every profile with its parameters.</summary>
internal static class ListCommand
{
    private static readonly (string Text, string Meaning)[] Stages =
    [
        ("warmup(LENGTH, linear|quadratic|cosine|exponential, start=, mode=prefix|overlay)", "a rise before the profile, or multiplied with it"),
        ("floor(LEVEL, mode=affine|clamp)", "the lowest multiplier, a share of the peak"),
        ("sample(50-75) sample(10%) sample(epochs=10)", "read the profile only at these points and hold it between"),
        ("warp(A)", "bend the profile: below 1 decays later, above 1 earlier"),
        ("momentum(PROFILE, max=0.95, min=0.85)", "a curve for momentum or Adam's beta1"),
        ("weight-decay(PROFILE, max=, min=0)", "a curve for weight decay"),
        ("budget(2000 steps)", "the budget; also epochs, samples, tokens, s, min, h"),
        ("rebudget(STEP:NEW)", "from update STEP on the run has NEW updates in all"),
    ];

    public static VerbCommand Create()
    {
        var command = new VerbCommand("list", "Name every profile with its parameters, and every stage.", "rubato lr list", "rubato lr list --json");
        command.SetAction(parsed =>
        {
            var result = new ListResult(ProfileCatalog.All, [.. Stages.Select(stage => new StageRow(stage.Text, stage.Meaning))]);
            ResultOutput.Write(parsed, result, output => Print(output, result));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, ListResult result)
    {
        output.WriteLine("Profiles (u is the spent share of the budget); every one also takes index=zero|one|interior|mid|closed:");
        foreach (var profile in result.Profiles)
        {
            var call = profile.Parameters.Length == 0 ? profile.Name : $"{profile.Name}({profile.Parameters})";
            output.WriteLine($"  {call}");
            output.WriteLine($"      {profile.Formula}");
        }

        output.WriteLine();
        output.WriteLine("Stages, each after a bar:");
        foreach (var stage in result.Stages)
        {
            output.WriteLine($"  | {stage.Text}");
            output.WriteLine($"      {stage.Meaning}");
        }
    }

    /// <summary>What --json prints.</summary>
    private sealed record ListResult(IReadOnlyList<ProfileDescription> Profiles, IReadOnlyList<StageRow> Stages);

    /// <summary>One stage.</summary>
    private sealed record StageRow(string Text, string Meaning);
}
