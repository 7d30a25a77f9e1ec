using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Cli.Commands;
using Rubato.Cli.Commands.Benchmarks;
using Rubato.Cli.Commands.LearningRates;
using Rubato.Cli.Commands.Simulation;

// Training verbs run in a program of their own, which parses their options: hand the words on untouched.
if (args.Length > 0 && TrainingVerbs.Names.Contains(args[0]))
{
    return await CommandLineHost.GuardAsync("rubato", args.Contains("--verbose"), () => TrainingVerbs.ForwardAsync(args));
}

var root = new RootCommand("Rubato: scheduling under a budget for the whole life of a language model.");
GlobalOptions.AddTo(root);
root.Subcommands.Add(ServeCommand.CreateUp());
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(RunCommand.Create());
root.Subcommands.Add(InfoCommand.Create());
root.Subcommands.Add(ConvertCommand.Create());
root.Subcommands.Add(QuantizeCommand.Create());
root.Subcommands.Add(EvalCommand.Create());
root.Subcommands.Add(BenchCommand.Create());
root.Subcommands.Add(CacheCommand.Create());
root.Subcommands.Add(SimCommand.Create());
root.Subcommands.Add(LrCommand.Create());
root.Subcommands.Add(ReproduceCommand.Create());
foreach (var verb in TrainingVerbs.Create())
{
    root.Subcommands.Add(verb);
}

return await CommandLineHost.RunAsync("rubato", root, args);
