using System.Text;
using Rubato.Models.Grammars.Expressions;
using Rubato.Models.Grammars.Patterns;

namespace Rubato.Models.Grammars.Json;

/// <summary>The name of a member that is none of those a schema declares, in quotes. It holds no escapes, so comparing bytes is enough.</summary>
internal static class NameExpression
{
    /// <summary>Any name but those given; together they must have at most as many characters as the caller allows for.</summary>
    public static GrammarExpression Except(IEnumerable<string> names)
    {
        var root = new Node();
        foreach (var name in names)
        {
            var node = root;
            foreach (var rune in name.EnumerateRunes())
            {
                if (!node.Children.TryGetValue(rune, out var child))
                {
                    child = new Node();
                    node.Children.Add(rune, child);
                }

                node = child;
            }

            node.IsName = true;
        }

        return GrammarExpression.Sequence(JsonText.Text("\""), Rest(root));
    }

    private static GrammarExpression Rest(Node node)
    {
        var items = new List<GrammarExpression>();
        if (!node.IsName)
        {
            items.Add(JsonText.Text("\""));
        }

        var others = JsonCharacters.PlainSet.Except(CharacterSet.Of([.. node.Children.Keys.Select(rune => (rune.Value, rune.Value))]));
        items.Add(GrammarExpression.Sequence(
            Utf8Expression.Of(others), GrammarExpression.Repeat(JsonCharacters.Plain, 0, null), JsonText.Text("\"")));
        foreach (var (rune, child) in node.Children.OrderBy(entry => entry.Key))
        {
            // A character that needs an escape is never written, so names that hold it cannot come about.
            var itself = CharacterSet.Of(rune.Value).Intersect(JsonCharacters.PlainSet);
            if (!itself.IsEmpty)
            {
                items.Add(GrammarExpression.Sequence(Utf8Expression.Of(itself), Rest(child)));
            }
        }

        return GrammarExpression.Choice([.. items]);
    }

    private sealed class Node
    {
        public SortedDictionary<Rune, Node> Children { get; } = [];

        public bool IsName { get; set; }
    }
}
