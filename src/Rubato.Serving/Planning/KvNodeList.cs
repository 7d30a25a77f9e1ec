using Rubato.Serving.Memory;

namespace Rubato.Serving.Planning;

/// <summary>What of a newcomer has a home: its full blocks, and the partly filled one behind them.</summary>
internal sealed class KvNodeList
{
    public List<KvNode> Nodes { get; } = [];

    public KvNode? Tail { get; set; }
}
