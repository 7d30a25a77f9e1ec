using Rubato.Core;

namespace Rubato.Models.Chat;

/// <summary>The bounds of one rendering: nodes evaluated, characters made, depth; and errors with a place.</summary>
internal sealed class TemplateRun(TemplateErrors errors, TemplateLimits limits)
{
    private int _steps;
    private long _work;
    private int _depth;

    /// <summary>Where the node under evaluation stands.</summary>
    public int Position { get; private set; }

    /// <summary>Counts one node and goes one level deeper; <see cref="Leave"/> comes back to the place that is returned.</summary>
    public int Enter(int position)
    {
        var outer = Position;
        Position = position;
        if (++_steps > limits.Steps)
        {
            throw Error($"the rendering takes more than {limits.Steps} steps.");
        }

        if (++_depth > limits.Depth)
        {
            throw Error($"nested deeper than {limits.Depth} levels.");
        }

        return outer;
    }

    public void Leave(int outer)
    {
        Position = outer;
        _depth--;
    }

    /// <summary>Counts characters or elements before they are made.</summary>
    public void Charge(long amount)
    {
        _work += Math.Min(amount, int.MaxValue);
        if (amount < 0 || _work > limits.Work)
        {
            throw Error($"the rendering makes more than {limits.Work} characters.");
        }
    }

    /// <summary>Counts list elements before they are made; one with its value takes the memory of some dozen characters.</summary>
    public void ChargeElements(long count) => Charge(Math.Min(count, int.MaxValue) * 24);

    /// <summary>Counts a search or comparison, whose work in the worst case is the product of the lengths, before it is done.</summary>
    public void ChargeSearch(string text, string part) => Charge(text.Length / 16 + (long)text.Length * (part.Length / 64));

    /// <summary>An error at the node under evaluation.</summary>
    public InvalidFormatException Error(string message) => errors.At(Position, message);
}
