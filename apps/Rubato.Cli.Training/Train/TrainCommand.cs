using System.CommandLine;
using Rubato.Cli.CommandLine;
using Rubato.Core;

namespace Rubato.Cli.Training.Train;

/// <summary><c>rubato train</c>: text in, a model out, within a budget.</summary>
internal static class TrainCommand
{
    public static VerbCommand Create(RootCommand root, string[] args)
    {
        var options = new TrainOptions();
        var command = new VerbCommand(
            "train",
            "Train a language model within a budget and write it as GGUF.",
            "rubato train --budget 10min --out model.gguf --run runs/first",
            "rubato train --corpus docs/ --size nano --budget 3epochs --lr 3e-3 --json",
            "rubato train --init model.gguf --chat --budget 2min --lr 5e-4 --out chat.gguf");
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            TrainSettings settings;
            try
            {
                settings = Settings(options, parsed, root);
            }
            catch (InvalidOptionException e)
            {
                Console.Error.WriteLine($"rubato: {e.Message}");
                Console.Error.WriteLine("See 'rubato train --help'.");
                return ExitCode.BadUsage;
            }

            return new TrainRun(settings, args).Execute(parsed.GetValue(GlobalOptions.Json), parsed.GetValue(GlobalOptions.Verbose));
        });
        return command;
    }

    private static TrainSettings Settings(TrainOptions options, ParseResult parsed, RootCommand root) =>
        options.ResumedFolder(parsed) is { } folder
            ? options.Bind(root.Parse(RunArguments.Load(folder))) with { Resume = true, RunFolder = folder }
            : options.Bind(parsed);
}
