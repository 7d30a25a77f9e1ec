namespace Rubato.Models.Grammars.Automata;

/// <summary>Finds for every node how many levels of nesting the shallowest way to the end of its rule needs.</summary>
internal static class GrammarHeights
{
    public static void Compute(GrammarNode[] nodes)
    {
        // From the end backwards: whenever a height falls, those that look at the node are judged anew.
        var observers = Observers(nodes);
        var work = new Queue<int>();
        for (var i = 0; i < nodes.Length; i++)
        {
            if (nodes[i].Kind == GrammarNodeKind.Return)
            {
                nodes[i].Height = 0;
                work.Enqueue(i);
            }
        }

        while (work.TryDequeue(out var changed))
        {
            foreach (var observer in observers[changed])
            {
                // Heights only fall, so of a choice's ways the one that fell is the only one to look at.
                var height = nodes[observer].Kind is GrammarNodeKind.Call or GrammarNodeKind.Repeat
                    ? HeightOf(nodes[observer], nodes)
                    : Math.Min(nodes[observer].Height, nodes[changed].Height);
                if (height < nodes[observer].Height)
                {
                    nodes[observer].Height = height;
                    work.Enqueue(observer);
                }
            }
        }
    }

    private static List<int>[] Observers(GrammarNode[] nodes)
    {
        var observers = new List<int>[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            observers[i] = [];
        }

        for (var i = 0; i < nodes.Length; i++)
        {
            foreach (var target in Targets(nodes[i]).Distinct())
            {
                observers[target].Add(i);
            }
        }

        return observers;
    }

    private static IEnumerable<int> Targets(GrammarNode node) => node.Kind switch
    {
        GrammarNodeKind.Wait => node.Bytes.Select(edge => edge.Next).Concat(node.Tokens.Select(edge => edge.Next)),
        GrammarNodeKind.Split => node.Targets,
        GrammarNodeKind.Call or GrammarNodeKind.Repeat => [node.Body, node.Next],
        _ => [],
    };

    private static int HeightOf(GrammarNode node, GrammarNode[] nodes) => node.Kind switch
    {
        GrammarNodeKind.Call => Math.Max(node.Nests ? Above(nodes[node.Body].Height) : nodes[node.Body].Height, nodes[node.Next].Height),
        GrammarNodeKind.Repeat => Math.Max(node.Min > 0 ? nodes[node.Body].Height : 0, nodes[node.Next].Height),
        _ => throw new Core.InvariantViolationException($"a {node.Kind} has no rule or body"),
    };

    private static int Above(int height) => height == int.MaxValue ? height : height + 1;
}
