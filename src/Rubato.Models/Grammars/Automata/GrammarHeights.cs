namespace Rubato.Models.Grammars.Automata;

/// <summary>Finds for every node how many levels of nesting the shallowest way to the end of its rule needs.</summary>
internal static class GrammarHeights
{
    public static void Compute(GrammarNode[] nodes)
    {
        // Heights only fall, and each round settles at least one more level of calls.
        nodes[0].Height = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var node in nodes)
            {
                var height = HeightOf(node, nodes);
                if (height < node.Height)
                {
                    node.Height = height;
                    changed = true;
                }
            }
        }
    }

    private static int HeightOf(GrammarNode node, GrammarNode[] nodes)
    {
        switch (node.Kind)
        {
            case GrammarNodeKind.Wait:
                var least = int.MaxValue;
                foreach (var edge in node.Bytes)
                {
                    least = Math.Min(least, nodes[edge.Next].Height);
                }

                foreach (var edge in node.Tokens)
                {
                    least = Math.Min(least, nodes[edge.Next].Height);
                }

                return least;
            case GrammarNodeKind.Split:
                least = int.MaxValue;
                foreach (var target in node.Targets)
                {
                    least = Math.Min(least, nodes[target].Height);
                }

                return least;
            case GrammarNodeKind.Call:
                return Math.Max(node.Nests ? Above(nodes[node.Body].Height) : nodes[node.Body].Height, nodes[node.Next].Height);
            case GrammarNodeKind.Repeat:
                return Math.Max(node.Min > 0 ? nodes[node.Body].Height : 0, nodes[node.Next].Height);
            default:
                return 0;
        }
    }

    private static int Above(int height) => height == int.MaxValue ? height : height + 1;
}
