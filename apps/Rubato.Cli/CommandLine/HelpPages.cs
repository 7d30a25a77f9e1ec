using System.CommandLine;
using System.CommandLine.Help;

namespace Rubato.Cli.CommandLine;

/// <summary>Help pages end with examples and the exit codes.</summary>
internal static class HelpPages
{
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        var action = (HelpAction)option.Action!;
        action.Builder.CustomizeLayout(_ => HelpBuilder.Default.GetLayout().Append(WriteExamples).Append(WriteExitCodes));
    }

    private static bool WriteExamples(HelpContext context)
    {
        var examples = context.Command switch
        {
            VerbCommand verb => verb.Examples,
            RootCommand root => [.. root.Subcommands.OfType<VerbCommand>().Where(verb => !verb.Hidden).SelectMany(verb => verb.Examples.Take(1))],
            _ => [],
        };
        if (examples.Count == 0)
        {
            return false;
        }

        context.Output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            context.Output.WriteLine("  " + example);
        }

        return true;
    }

    private static bool WriteExitCodes(HelpContext context)
    {
        context.Output.WriteLine("Exit codes: 0 done, 1 failed (one line on standard error), 2 bad usage.");
        return true;
    }
}
