using System.CommandLine;
using Rubato.Core;
using Rubato.Cli.CommandLine;
using Rubato.Serving.Fairness;
using Rubato.Serving.Memory.Arenas;
using Rubato.Simulation.Serving;
using Rubato.Simulation.Serving.Profiles;
using Rubato.Simulation.Serving.Studies;
using Rubato.Simulation.Serving.Traces;

namespace Rubato.Cli.Commands.Simulation;

/// <summary>The flags that describe a serving study; any of them makes <c>rubato sim serving</c> one.</summary>
internal sealed class StudyFlags
{
    private const string DefaultProfile = "a10-llama3-8b";
    private const string DefaultPolicy = "fastswitch";
    private const string TracePrefix = "trace:";
    private const int TwoClientRequests = 600;
    private const double TwoClientRate = 1.5;

    private readonly Option<string?> _profile = new("--profile")
    {
        Description = $"The machine and the model: a JSON file, or one of: {string.Join(", ", ServingProfileReader.BuiltInNames)}. Default {DefaultProfile}.",
        HelpName = "NAME|FILE",
    };

    private readonly Option<string?> _policy = new("--policy")
    {
        Description = $"The system: {string.Join(", ", ServingStudy.Systems)}. Default {DefaultPolicy}.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _rules = new("--rules")
    {
        Description = "engine: real runs of blocks, victims only as needed. prototype: an assumed length of runs, prompts first, everybody unselected leaves. Default engine.",
        HelpName = "RULES",
    };

    private readonly Option<string?> _fairness = new("--fairness")
    {
        Description = $"Who is served next: {string.Join(", ", ServicePolicies.Names)}. Default trace with --priorities, else the system's own.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _priorities = new("--priorities")
    {
        Description = "Priorities laid down beforehand: random (anew at every update), markov (kept with probability 0.8), or none. Default none.",
        HelpName = "PATTERN",
    };

    private readonly Option<int?> _updateEvery = new("--update-every") { Description = "Steps between updates of priorities. Default 25 with trace, else 1.", HelpName = "STEPS" };

    private readonly Option<string?> _groups = new("--groups") { Description = "Sizes of block groups, first and growing. Default the system's own: 60/16, or 16/4 with fastswitch.", HelpName = "G0/Gg" };

    private readonly Option<int?> _swapBlocks = new("--swap-blocks") { Description = "Blocks of the swap arena. Default the profile's.", HelpName = "N" };

    private readonly Option<string?> _workload = new("--workload")
    {
        Description = "multi-turn: chats; two-clients: an overload, one client asking twice as often as the other; trace:FILE: recorded requests (Azure or client CSV, Mooncake JSON lines). Default multi-turn.",
        HelpName = "WORKLOAD",
    };

    private readonly Option<double?> _rate = new("--rate") { Description = "Conversations per second (default 1), or requests per second of the modest of two clients (default 1.5).", HelpName = "R" };

    private readonly Option<int?> _conversations = new("--conversations") { Description = "Conversations (default 1,000); requests of two clients (default 600) or of a trace (default all).", HelpName = "N" };

    private readonly Option<double?> _think = new("--think") { Description = "Mean seconds between a reply and the next turn of a chat. Default 0.", HelpName = "SECONDS" };

    private readonly Option<int?> _divide = new("--divide") { Description = "Divide the token counts of a trace. Default 1.", HelpName = "K" };

    private readonly Option<double?> _stretch = new("--stretch") { Description = "Multiply the times of a trace. Default 1.", HelpName = "X" };

    private IEnumerable<Option> All =>
        [_profile, _policy, _rules, _fairness, _priorities, _updateEvery, _groups, _swapBlocks, _workload, _rate, _conversations, _think, _divide, _stretch];

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The first of the flags that is there; null when none is.</summary>
    public string? FirstGiven(ParseResult parsed) => All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;

    /// <summary>The study that the flags describe.</summary>
    /// <exception cref="RubatoException">A value breaks a rule, or a file cannot be read.</exception>
    public ServingStudyOptions Read(ParseResult parsed)
    {
        var fairness = parsed.GetValue(_fairness);
        var study = new ServingStudyOptions
        {
            Profile = ReadProfile(parsed.GetValue(_profile) ?? DefaultProfile),
            Policy = parsed.GetValue(_policy) ?? DefaultPolicy,
            Rules = Choice<StudyRules>("--rules", parsed.GetValue(_rules) ?? "engine"),
            Fairness = fairness,
            Priorities = Choice<PriorityPattern>("--priorities", parsed.GetValue(_priorities) ?? (fairness == "trace" ? "random" : "none")),
            UpdateEvery = parsed.GetValue(_updateEvery),
            Groups = parsed.GetValue(_groups) is { } sizes ? GroupSizes.Parse(sizes) : null,
            SwapBlocks = parsed.GetValue(_swapBlocks),
            Workload = ReadWorkload(parsed),
            Seed = parsed.GetValue(GlobalOptions.Seed),
        };
        return study;
    }

    /// <summary>A built-in profile, or one from a file.</summary>
    public static ServingProfile ReadProfile(string text)
    {
        if (ServingProfileReader.BuiltInNames.Contains(text) || !File.Exists(text))
        {
            return ServingProfileReader.BuiltIn(text);
        }

        using var stream = File.OpenRead(text);
        return ServingProfileReader.Read(stream, text);
    }

    private StudyWorkload ReadWorkload(ParseResult parsed)
    {
        var text = parsed.GetValue(_workload) ?? "multi-turn";
        var isTrace = text.StartsWith(TracePrefix, StringComparison.Ordinal);
        Refuse(parsed, _think, text != "multi-turn", "only chats have turns");
        Refuse(parsed, _rate, isTrace, "a trace has its own times; use --stretch");
        Refuse(parsed, _divide, !isTrace, "it scales traces");
        Refuse(parsed, _stretch, !isTrace, "it scales traces; use --rate");
        if (isTrace)
        {
            return ReadTrace(parsed, text[TracePrefix.Length..]);
        }

        return text switch
        {
            "multi-turn" => new StudyWorkload.MultiTurn(new ConversationParameters
            {
                Conversations = parsed.GetValue(_conversations) ?? 1000,
                Rate = parsed.GetValue(_rate) ?? 1,
                ThinkSecondsMean = parsed.GetValue(_think) ?? 0,
            }.Validated()),
            "two-clients" => new StudyWorkload.TwoClients(parsed.GetValue(_conversations) ?? TwoClientRequests, parsed.GetValue(_rate) ?? TwoClientRate),
            _ => throw new InvalidOptionException($"--workload {text}: unknown; use multi-turn, two-clients or trace:FILE."),
        };
    }

    private StudyWorkload.Trace ReadTrace(ParseResult parsed, string path)
    {
        if (!File.Exists(path))
        {
            throw new RubatoException($"{path}: no such file.");
        }

        if (parsed.GetValue(_conversations) is < 1)
        {
            throw new InvalidOptionException($"--conversations {parsed.GetValue(_conversations)}: it must be at least 1.");
        }

        using var stream = File.OpenRead(path);
        return new(
            Path.GetFileName(path),
            TraceReader.Read(stream, path),
            new(parsed.GetValue(_divide) ?? 1, parsed.GetValue(_stretch) ?? 1),
            parsed.GetValue(_conversations));
    }

    private static void Refuse(ParseResult parsed, Option option, bool isWrong, string reason)
    {
        if (isWrong && parsed.GetResult(option) is { Implicit: false })
        {
            throw new InvalidOptionException($"{option.Name}: not with this --workload, for {reason}.");
        }
    }

    private static T Choice<T>(string flag, string text)
        where T : struct, Enum
    {
        var name = Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return name is not null
            ? Enum.Parse<T>(name)
            : throw new InvalidOptionException($"{flag} {text}: unknown; use one of: {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
    }
}
