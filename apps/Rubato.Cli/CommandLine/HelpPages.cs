using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Rubato.Cli.CommandLine;

/// <summary>Help pages end with examples and the exit codes.</summary>
internal static class HelpPages
{
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!);
    }

    private sealed class HelpWithExamples(HelpAction page) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = page.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            var examples = parseResult.CommandResult.Command switch
            {
                VerbCommand verb => verb.Examples,
                RootCommand root => [.. root.Subcommands.OfType<VerbCommand>().Where(verb => !verb.Hidden).SelectMany(verb => verb.Examples.Take(1))],
                _ => [],
            };
            if (examples.Count > 0)
            {
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    output.WriteLine("  " + example);
                }

                output.WriteLine();
            }

            output.WriteLine("Exit codes: 0 done, 1 failed (one line on standard error), 2 bad usage.");
            return code;
        }
    }
}
