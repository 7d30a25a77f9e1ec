using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Rubato.Serving;

namespace Rubato.Cli.Commands;

/// <summary>The options that say how tokens are drawn.</summary>
internal sealed class SamplingOptions
{
    public Option<double> Temperature { get; } = new("--temperature") { Description = "Divides the logits; 0 takes the most likely token each time.", HelpName = "X", DefaultValueFactory = _ => 0 };

    public Option<int> TopK { get; } = new("--top-k") { Description = "Draw from this many of the most likely tokens; 0 from all.", HelpName = "N" };

    public Option<double> TopP { get; } = new("--top-p") { Description = "Draw from the most likely tokens that together reach this probability.", HelpName = "X", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        Temperature.Validators.Add(result => Require(value => value is >= 0 and <= 100, result, "--temperature takes 0 to 100"));
        TopK.Validators.Add(result => Require(value => value >= 0, result, "--top-k takes 0 or more"));
        TopP.Validators.Add(result => Require(value => value is > 0 and <= 1, result, "--top-p takes more than 0, at most 1"));
        command.Options.Add(Temperature);
        command.Options.Add(TopK);
        command.Options.Add(TopP);
    }

    public SamplingParameters Read(ParseResult parsed, ulong seed) => new()
    {
        Temperature = parsed.GetValue(Temperature),
        TopK = parsed.GetValue(TopK),
        TopP = parsed.GetValue(TopP),
        Seed = seed,
    };

    /// <summary>Adds an error when a number breaks its rule; what is no number at all is reported by the parser.</summary>
    private static void Require(Predicate<double> rule, OptionResult result, string message)
    {
        if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !rule(value))
        {
            result.AddError(message);
        }
    }
}
