using System.Collections.Immutable;
using CsCheck;
using Rubato.Core;
using Rubato.Serving.Memory;

namespace Rubato.Serving.Tests.Memory;

public sealed class BlockPoolTests
{
    [Fact]
    public void The_pool_agrees_with_a_naive_model_over_random_operations() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 15].Array[0, 60]).Sample(
            (total, operations) =>
            {
                var pool = new BlockPool(total);
                var free = Enumerable.Range(0, total).ToHashSet();
                var tables = new List<ImmutableArray<BlockId>>();
                foreach (var operation in operations)
                {
                    if (operation < 10 && operation <= free.Count)
                    {
                        var blocks = pool.Allocate(operation);
                        Assert.Equal(operation, blocks.Length);
                        Assert.All(blocks, block => Assert.True(free.Remove(block.Value)));
                        tables.Add(blocks);
                    }
                    else if (tables.Count > 0)
                    {
                        var index = operation % tables.Count;
                        pool.Release(tables[index]);
                        Assert.All(tables[index], block => Assert.True(free.Add(block.Value)));
                        tables.RemoveAt(index);
                    }

                    Assert.Equal(free.Count, pool.Free);
                }
            },
            iter: FuzzScale.Times(5_000));

    [Fact]
    public void Freeing_twice_and_taking_too_many_are_broken_invariants()
    {
        var pool = new BlockPool(3);
        var blocks = pool.Allocate(2);
        Assert.Throws<InvariantViolationException>(() => pool.Allocate(2));
        pool.Release(blocks);
        Assert.Throws<InvariantViolationException>(() => pool.Release(blocks));
    }

    [Fact]
    public void A_released_table_is_handed_out_again_in_its_order()
    {
        var pool = new BlockPool(8);
        var blocks = pool.Allocate(5);
        pool.Release(blocks);
        Assert.Equal(blocks, pool.Allocate(5));
    }
}
