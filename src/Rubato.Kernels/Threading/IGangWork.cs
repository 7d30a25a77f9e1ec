namespace Rubato.Kernels.Threading;

/// <summary>A piece of work cut into numbered items that may run in any order, each on any worker.</summary>
internal interface IGangWork
{
    /// <summary>Runs one item. Items must write to disjoint memory.</summary>
    /// <param name="item">Number of the item, from 0.</param>
    /// <param name="worker">Who runs it, 0 … workers − 1: the index of the scratch memory it may use.</param>
    void Execute(int item, int worker);
}
