using Rubato.Models.Grammars.Expressions;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>Refuses schemas that are their own alternative: nothing could ever be read between one use and the next.</summary>
internal static class LeftRecursion
{
    public static void Refuse(IEnumerable<GrammarRule> rules)
    {
        var done = new HashSet<GrammarRule>(ReferenceEqualityComparer.Instance);
        foreach (var rule in rules)
        {
            Follow(rule, done);
        }
    }

    /// <summary>Walks along first alternatives without recursion, for chains of references may be long.</summary>
    private static void Follow(GrammarRule start, HashSet<GrammarRule> done)
    {
        var open = new HashSet<GrammarRule>(ReferenceEqualityComparer.Instance);
        var work = new Stack<(GrammarRule Rule, bool IsLeaving)>([(start, false)]);
        while (work.TryPop(out var next))
        {
            if (next.IsLeaving)
            {
                open.Remove(next.Rule);
                done.Add(next.Rule);
            }
            else if (open.Contains(next.Rule))
            {
                throw new SchemaException(next.Rule.Name, $"'{next.Rule.Name}' refers to itself with nothing in between.");
            }
            else if (!done.Contains(next.Rule))
            {
                open.Add(next.Rule);
                work.Push((next.Rule, true));
                foreach (var first in Firsts(next.Rule.Body!))
                {
                    work.Push((first, false));
                }
            }
        }
    }

    /// <summary>The rules that the expression may be; whatever else a value is begins with a byte.</summary>
    private static IEnumerable<GrammarRule> Firsts(GrammarExpression expression) => expression switch
    {
        RuleExpression rule => [rule.Rule],
        ChoiceExpression choice => choice.Items.SelectMany(Firsts),
        _ => [],
    };
}
