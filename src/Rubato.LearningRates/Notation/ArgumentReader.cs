using Rubato.Core;
using Rubato.LearningRates.GradientNorms;
using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Refinement;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>Takes the arguments of a call one after another, by name or else by place; what is left in the end is an error.</summary>
internal sealed class ArgumentReader(CallTerm call, ScheduleBinder binder)
{
    private readonly List<Argument> _left = [.. call.Arguments];
    private readonly List<string> _known = [];

    public CallTerm Call => call;

    public double Number(string name, double standard) => Number(name) ?? standard;

    public double? Number(string name) => Take(name) switch
    {
        null => null,
        NumberTerm { Unit: "" } number => number.Value,
        NumberTerm { Unit: "%" } number => number.Value / 100,
        var other => throw Expected(other, name, "a number"),
    };

    public double RequiredNumber(string name) => Number(name) ?? throw Missing(name);

    public double Share(string name, double standard) => Number(name) ?? standard;

    public BudgetPart? Part(string name)
    {
        switch (Take(name))
        {
            case null:
                return null;
            case NumberTerm { Unit: "%" } number:
                return Guard(number, () => BudgetPart.Share(number.Value / 100));
            case NumberTerm { Unit: "", Value: < 1 } number:
                return Guard(number, () => BudgetPart.Share(number.Value));
            case NumberTerm { Unit: "" or "step" or "steps" } number when number.Value is >= 0 and <= 1L << 53 && number.Value == Math.Truncate(number.Value):
                return BudgetPart.Steps((long)number.Value);
            case var other:
                throw Expected(other, name, "a share (5% or 0.05) or whole steps (100 steps)");
        }
    }

    public BudgetPart RequiredPart(string name) => Part(name) ?? throw Missing(name);

    public ValueList<double>? Milestones(string name)
    {
        switch (Take(name))
        {
            case null:
                return null;
            case NumbersTerm { Style: NumbersStyle.DashedPercent } list:
                return new([.. list.Values.Items.ToArray().Select(percent => percent / 100)]);
            case NumbersTerm { Style: NumbersStyle.Brackets } list:
                return list.Values;
            case NumberTerm { Unit: "%" } number:
                return [number.Value / 100];
            case NumberTerm { Unit: "", Value: < 1 } number:
                return [number.Value];
            case var other:
                throw Expected(other, name, "milestones in per cent (50-75) or a list of shares ([0.5, 0.75])");
        }
    }

    public ValueList<double> Numbers(string name) => Take(name) switch
    {
        null => throw Missing(name),
        NumbersTerm { Style: not NumbersStyle.DashedPercent } list => list.Values,
        var other => throw Expected(other, name, "a list of numbers, such as [1, 0.5, 0]"),
    };

    public T Word<T>(string name, Dictionary<string, T> words, T standard) => Take(name) switch
    {
        null => standard,
        WordTerm word when words.TryGetValue(word.Word, out var value) => value,
        WordTerm word => throw Fail(word, $"{call.Name}: {name} is {word.Written}, expected {Names.List(words.Keys)}.{Names.Nearest(word.Word, words.Keys)}"),
        NumberTerm number when words.TryGetValue(TermText.Format(number), out var value) => value,
        var other => throw Expected(other, name, Names.List(words.Keys)),
    };

    /// <summary>Whose weights a refinement takes that does not say so.</summary>
    public OptimizerKind RefinedFor => binder.RefinedFor;

    public string RequiredText(string name) => Take(name) is WordTerm word ? word.Word : throw Missing(name);

    public (IProfile Profile, IndexConvention? Index) Profile(string what)
    {
        var place = _left.FindIndex(argument => argument.Name is null && argument.Value is WordTerm or CallTerm);
        if (place < 0)
        {
            throw Fail(call, $"{call.Name}: expected a profile as {what}.");
        }

        var term = _left[place].Value;
        _left.RemoveAt(place);
        return binder.Profile(term is CallTerm inner ? inner : new CallTerm(((WordTerm)term).Word) { Place = term.Place });
    }

    /// <summary>A profile inside another, which decides about the index.</summary>
    public IProfile InnerProfile(string what)
    {
        var (profile, index) = Profile(what);
        return index is null ? profile : throw Fail(call, $"{call.Name}: the index belongs to {call.Name}, not to the profile inside it.");
    }

    /// <summary>A reader for a call among the arguments.</summary>
    public ArgumentReader For(CallTerm inner) => new(inner, binder);

    public GradientNormSequence OpenNorms(string file) => binder.OpenNorms(call, file);

    public IEnumerable<CallTerm> Calls(string name)
    {
        while (_left.FindIndex(argument => argument.Value is CallTerm inner && inner.Name == name) is >= 0 and var place)
        {
            yield return (CallTerm)_left[place].Value;
            _left.RemoveAt(place);
        }
    }

    /// <summary>Takes the argument <paramref name="name"/>, or else the next one without a name.</summary>
    public Term? Take(string name)
    {
        _known.Add(name);
        var place = _left.FindIndex(argument => argument.Name == name);
        place = place >= 0 ? place : _left.FindIndex(argument => argument.Name is null && argument.Value is not CallTerm && !binder.IsProfileName(argument.Value));
        if (place < 0)
        {
            return null;
        }

        var value = _left[place].Value;
        _left.RemoveAt(place);
        return value;
    }

    /// <summary>Takes <paramref name="name"/> only when it is written out.</summary>
    public Term? TakeNamed(string name)
    {
        _known.Add(name);
        return _left.Exists(argument => argument.Name == name) ? Take(name) : null;
    }

    /// <exception cref="InvalidOptionException">An argument is left that the call does not know.</exception>
    public void Done()
    {
        if (_left.Count == 0)
        {
            return;
        }

        var extra = _left[0];
        var known = _known.Distinct().ToArray();
        throw Fail(extra.Value, extra.Name is { } name
            ? $"{call.Name}: has no argument '{TermText.Shorten(name)}' left to take, expected {Names.List(known)}.{Names.Nearest(name, known)}"
            : $"{call.Name}: has no use for {extra.Value.Written}, expected {Names.List(known)}.");
    }

    public InvalidOptionException Fail(Term at, string problem) => binder.Fail(at, problem);

    private T Guard<T>(Term at, Func<T> make) => binder.Guard(at, make);

    private InvalidOptionException Missing(string name) => Fail(call, $"{call.Name}: needs {name}.");

    private InvalidOptionException Expected(Term found, string name, string expected) =>
        Fail(found, $"{call.Name}: {name} is {found.Written}, expected {expected}.");
}
