using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Cli.Training.Compare;
using Rubato.Cli.Training.Train;

var root = new RootCommand("Rubato's training verbs: the part of the command line that needs libtorch.");
root.Options.Add(GlobalOptions.Json);
root.Options.Add(GlobalOptions.Seed);
root.Options.Add(GlobalOptions.Verbose);
root.Subcommands.Add(TrainCommand.Create(root, args));
root.Subcommands.Add(TorchComparison.CreateCommand());
return await CommandLineHost.RunAsync("rubato", root, args);
