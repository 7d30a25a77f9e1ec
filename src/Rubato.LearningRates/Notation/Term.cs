using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>A value in the notation of schedules, common to its text and JSON forms. <see cref="Place"/> says where it was read, for messages.</summary>
internal abstract record Term
{
    public string Place { get; init; } = "";

    /// <summary>What the user wrote, for messages.</summary>
    public abstract string Written { get; }
}

/// <summary>A number with its unit ("", "%", "steps", "epochs", …).</summary>
internal sealed record NumberTerm(double Value, string Unit = "") : Term
{
    /// <summary>Number and unit as they were read, with digits that a double cannot hold.</summary>
    public string? Raw { get; init; }

    public override string Written => TermText.Format(this);
}

/// <summary>A name or a quoted text.</summary>
internal sealed record WordTerm(string Word) : Term
{
    public override string Written => $"'{TermText.Shorten(Word)}'";
}

/// <summary>Numbers: written with dashes in per cent (50-75), with a colon (40:60) or in brackets.</summary>
internal sealed record NumbersTerm(ValueList<double> Values, NumbersStyle Style = NumbersStyle.Brackets) : Term
{
    public override string Written => TermText.Shorten(TermText.Format(this));
}

/// <summary>How a list of numbers is written.</summary>
internal enum NumbersStyle
{
    Brackets,
    DashedPercent,
    Colon,
}

/// <summary>A profile or stage with its arguments.</summary>
internal sealed record CallTerm(string Name) : Term
{
    public ValueList<Argument> Arguments { get; init; }

    public override string Written => $"'{TermText.Shorten(Name)}'";

    /// <summary>Adds an argument; one with the value <paramref name="standard"/> is left out of the text form.</summary>
    public CallTerm With(string name, double value, double? standard = null) =>
        Add(new(name, new NumberTerm(value), IsStandard: value == standard));

    public CallTerm With(string name, string word, string standard) => Add(new(name, new WordTerm(word), word == standard));

    public CallTerm With(string? name, Term value) => Add(new(name, value));

    public CallTerm WithShare(string name, double share, double? standard = null) =>
        Add(new(name, ProfileTerms.Share(share), share == standard, IsBare: Arguments.Count == 0));

    public CallTerm WithPart(string name, BudgetPart part) => Add(new(name, ProfileTerms.Part(part), IsBare: Arguments.Count == 0));

    public CallTerm WithMilestones(string name, ValueList<double> milestones) =>
        Add(new(name, ProfileTerms.Milestones(milestones), IsBare: Arguments.Count == 0));

    private CallTerm Add(Argument argument) => this with { Arguments = [.. Arguments, argument] };
}

/// <summary>An argument of a call.</summary>
/// <param name="Name">Its name, or null when only its place tells.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsStandard">Whether the text form leaves it out.</param>
/// <param name="IsBare">Whether the text form leaves out its name.</param>
internal sealed record Argument(string? Name, Term Value, bool IsStandard = false, bool IsBare = false);

/// <summary>What can say how it is written.</summary>
internal interface IDescribed
{
    CallTerm Describe();
}
