using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Rubato.Serving;

namespace Rubato.Cli.Commands;

/// <summary>The options that say how tokens are drawn.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<double> _temperature = new("--temperature") { Description = "Divides the logits; 0 takes the most likely token each time.", HelpName = "X", DefaultValueFactory = _ => 0 };
    private readonly Option<int> _topK = new("--top-k") { Description = "Draw from this many of the most likely tokens; 0 from all.", HelpName = "N" };
    private readonly Option<double> _typicalP = new("--typical-p") { Description = "Draw from the tokens of most typical surprise that together reach this probability.", HelpName = "X", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _topP = new("--top-p") { Description = "Draw from the most likely tokens that together reach this probability.", HelpName = "X", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _minP = new("--min-p") { Description = "Draw from the tokens at least this many times as likely as the likeliest.", HelpName = "X" };
    private readonly Option<double> _repetition = new("--repetition-penalty") { Description = "Above 1: tokens of prompt and output become less likely.", HelpName = "X", DefaultValueFactory = _ => 1 };
    private readonly Option<double> _presence = new("--presence-penalty") { Description = "Subtracted from the logit of each token of the output.", HelpName = "X" };
    private readonly Option<double> _frequency = new("--frequency-penalty") { Description = "Subtracted from the logit of each token of the output, as often as it is there.", HelpName = "X" };
    private readonly Option<TokenBias[]> _bias = new("--logit-bias")
    {
        Description = "Added to the logit of a token, -100 to 100; may be given more than once.",
        HelpName = "TOKEN=X",
        CustomParser = result => [.. result.Tokens.Select(token => ParseBias(token.Value, result))],
    };

    public void AddTo(Command command)
    {
        _temperature.Validators.Add(result => Require(value => value is >= 0 and <= 100, result, "--temperature takes 0 to 100"));
        _topK.Validators.Add(result => Require(value => value >= 0, result, "--top-k takes 0 or more"));
        _typicalP.Validators.Add(result => Require(value => value is > 0 and <= 1, result, "--typical-p takes more than 0, at most 1"));
        _topP.Validators.Add(result => Require(value => value is > 0 and <= 1, result, "--top-p takes more than 0, at most 1"));
        _minP.Validators.Add(result => Require(value => value is >= 0 and <= 1, result, "--min-p takes 0 to 1"));
        _repetition.Validators.Add(result => Require(value => value is >= 0.01 and <= 100, result, "--repetition-penalty takes 0.01 to 100"));
        _presence.Validators.Add(result => Require(value => value is >= -2 and <= 2, result, "--presence-penalty takes -2 to 2"));
        _frequency.Validators.Add(result => Require(value => value is >= -2 and <= 2, result, "--frequency-penalty takes -2 to 2"));
        foreach (var option in new Option[] { _temperature, _topK, _typicalP, _topP, _minP, _repetition, _presence, _frequency, _bias })
        {
            command.Options.Add(option);
        }
    }

    public SamplingParameters Read(ParseResult parsed, ulong seed) => new()
    {
        Temperature = parsed.GetValue(_temperature),
        TopK = parsed.GetValue(_topK),
        TypicalP = parsed.GetValue(_typicalP),
        TopP = parsed.GetValue(_topP),
        MinP = parsed.GetValue(_minP),
        RepetitionPenalty = parsed.GetValue(_repetition),
        PresencePenalty = parsed.GetValue(_presence),
        FrequencyPenalty = parsed.GetValue(_frequency),
        LogitBias = [.. parsed.GetValue(_bias) ?? []],
        Seed = seed,
    };

    private static TokenBias ParseBias(string text, ArgumentResult result)
    {
        var parts = text.Split('=');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var token)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var bias)
            && bias is >= -100 and <= 100)
        {
            return new(token, bias);
        }

        result.AddError($"--logit-bias takes TOKEN=X, a token id and a number from -100 to 100, not '{text}'");
        return default;
    }

    /// <summary>Adds an error when a number breaks its rule; what is no number at all is reported by the parser.</summary>
    private static void Require(Predicate<double> rule, OptionResult result, string message)
    {
        if (result.Tokens is [var token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !rule(value))
        {
            result.AddError(message);
        }
    }
}
