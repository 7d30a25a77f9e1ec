using System.CommandLine;
using System.CommandLine.Invocation;
using Rubato.Core;

namespace Rubato.Cli.CommandLine;

/// <summary>Parses, runs, and turns every failure into one clear line and an exit code.</summary>
internal static class CommandLineHost
{
    /// <summary>Runs the command line of <paramref name="program"/> and returns its exit code.</summary>
    public static async Task<int> RunAsync(string program, RootCommand root, IReadOnlyList<string> args)
    {
        HelpPages.Install(root);
        var parsed = root.Parse(args.Count == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0 && parsed.Action is null or ParseErrorAction)
        {
            return ReportUsage(program, parsed);
        }

        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,

            // A server that is asked to end takes the time that --drain says; nobody cuts it short.
            ProcessTerminationTimeout = TimeSpan.FromDays(1),
        };
        return await GuardAsync(program, parsed.GetValue(GlobalOptions.Verbose), () => parsed.InvokeAsync(configuration)).ConfigureAwait(false);
    }

    /// <summary>Runs <paramref name="body"/>; a failure becomes one line on standard error (with its stack trace when verbose) and an exit code.</summary>
    public static async Task<int> GuardAsync(string program, bool verbose, Func<Task<int>> body)
    {
        try
        {
            return await body().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine($"{program}: {(verbose ? error : Describe(error))}");
            return error is InvalidOptionException ? ExitCode.BadUsage : ExitCode.Failed;
        }
    }

    private static int ReportUsage(string program, ParseResult parsed)
    {
        // One mistyped word makes several errors: the word itself is the cause.
        var message = parsed.UnmatchedTokens.Count > 0 ? $"unknown {(parsed.UnmatchedTokens[0].StartsWith('-') ? "option" : "word")} '{parsed.UnmatchedTokens[0]}'" : parsed.Errors[0].Message.TrimEnd('.');
        Console.Error.WriteLine($"{program}: {message}.{Suggestion(parsed)}");
        Console.Error.WriteLine($"See '{CommandPath(program, parsed)} --help'.");
        return ExitCode.BadUsage;
    }

    private static string Suggestion(ParseResult parsed)
    {
        var typed = parsed.UnmatchedTokens.FirstOrDefault();
        var command = parsed.CommandResult.Command;
        if (typed is null)
        {
            return "";
        }

        if (File.Exists(typed) && command.Options.Any(option => option.Name == "--model"))
        {
            return " Did you mean '--model' before it?";
        }

        var names = typed.StartsWith('-')
            ? command.Options.Select(option => option.Name).Concat([GlobalOptions.Json.Name, GlobalOptions.Seed.Name, GlobalOptions.Out.Name, GlobalOptions.Verbose.Name])
            : command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name);
        var nearest = names.Select(name => (name, distance: EditDistance.Between(typed, name))).OrderBy(entry => entry.distance).FirstOrDefault();
        return nearest.name is not null && nearest.distance <= Math.Max(2, typed.Length / 3) ? $" Did you mean '{nearest.name}'?" : "";
    }

    private static string CommandPath(string program, ParseResult parsed)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? result = parsed.CommandResult; result is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command; result = command.Parent)
        {
            names.Push(command.Command.Name);
        }

        return string.Join(' ', names.Prepend(program));
    }

    private static string Describe(Exception error) => error switch
    {
        RubatoException => error.Message,
        InvariantViolationException => error.Message + " This is a defect of the program; run again with --verbose and report what it prints.",
        FileNotFoundException { FileName: { } file } => $"{file}: no such file",
        IOException or UnauthorizedAccessException or HttpRequestException => error.Message,
        _ => $"{error.GetType().Name}: {error.Message} Run again with --verbose for the stack trace.",
    };
}
