using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Json;

namespace Rubato.Models.Grammars.Schemas;

/// <summary>A declared member of an object.</summary>
internal readonly record struct DeclaredMember(GrammarExpression Pair, bool IsRequired);

/// <summary>Members in their order with commas between those that are there, then any number of additional ones.</summary>
internal sealed class MemberListExpression(IReadOnlyList<DeclaredMember> members, GrammarExpression? additional)
{
    public GrammarExpression Write()
    {
        // Behind the first member that is there, each further one brings its comma. Every pair is written once, as a rule: it
        // may be the first, or come later.
        var pairs = members.Select((member, i) => (GrammarExpression)new RuleExpression(
            new GrammarRule($"member {i}", nests: false) { Body = member.Pair })).ToArray();
        var firstRequired = Enumerable.Range(0, members.Count).FirstOrDefault(i => members[i].IsRequired, members.Count);
        var last = additional is null ? GrammarExpression.Empty : JsonText.Further(additional, 0, null);
        var rules = new GrammarRule[members.Count + 1];
        rules[^1] = new GrammarRule("last members", nests: false) { Body = GrammarExpression.Sequence(last, JsonText.Space) };
        for (var i = members.Count - 1; i >= 0; i--)
        {
            var here = GrammarExpression.Sequence(JsonText.Comma, pairs[i]);
            rules[i] = new GrammarRule($"members from {i}", nests: false)
            {
                Body = GrammarExpression.Sequence(members[i].IsRequired ? here : GrammarExpression.Optional(here), new RuleExpression(rules[i + 1])),
            };
        }

        var starts = Enumerable.Range(0, Math.Min(firstRequired + 1, members.Count))
            .Select(i => GrammarExpression.Sequence(pairs[i], new RuleExpression(rules[i + 1]))).ToList();
        if (firstRequired == members.Count)
        {
            starts.Add(additional is null ? GrammarExpression.Empty : JsonText.Members(additional, 0, null));
        }

        return GrammarExpression.Choice([.. starts]);
    }
}
