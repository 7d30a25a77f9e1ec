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
    public void Shared_and_kept_blocks_agree_with_a_naive_model_over_random_operations() =>
        Gen.Select(Gen.Int[1, 12], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 30]).Array[0, 120]).Sample(
            (total, operations) =>
            {
                var pool = new BlockPool(total);
                var holders = new Dictionary<BlockId, int>();
                var contents = new Dictionary<int, BlockId>();
                var unheld = new List<int>();
                foreach (var (kind, number) in operations)
                {
                    Apply(pool, kind, number, holders, contents, unheld);
                    Assert.Equal(total - holders.Count, pool.Free);
                    Assert.Equal(unheld.Count, pool.FreeWithContent);
                    Assert.Equal(holders.Values.Sum(), pool.References);
                    Assert.All(contents, entry => Assert.Equal(entry.Value, pool.Find(Key(entry.Key))?.Block));
                    Assert.All(Enumerable.Range(0, 31).Except(contents.Keys), content => Assert.Null(pool.Find(Key(content))));
                }
            },
            iter: FuzzScale.Times(3_000));

    private static BlockKey Key(int content) => new(null, "", new[] { content, 1, 2 });

    private static void Apply(
        BlockPool pool, int kind, int number, Dictionary<BlockId, int> holders, Dictionary<int, BlockId> contents, List<int> unheld)
    {
        var held = holders.Keys.OrderBy(block => block.Value).ToArray();
        var block = held.Length == 0 ? default : held[number % held.Length];
        if (kind == 0 && pool.Free > 0)
        {
            // Content goes only when no other block is left, and then the one that was let go the longest ago.
            var evicts = pool.Free == unheld.Count;
            var taken = Assert.Single(pool.Allocate(1));
            Assert.True(holders.TryAdd(taken, 1));
            if (evicts)
            {
                Assert.Equal(contents[unheld[0]], taken);
                contents.Remove(unheld[0]);
                unheld.RemoveAt(0);
            }
        }
        else if (kind == 1 && held.Length > 0)
        {
            pool.Release([block]);
            if (--holders[block] == 0)
            {
                holders.Remove(block);
                unheld.AddRange(contents.Where(entry => entry.Value == block).Select(entry => entry.Key));
            }
        }
        else if (kind == 2 && contents.TryGetValue(number, out var found))
        {
            pool.Hold(found);
            holders[found] = holders.GetValueOrDefault(found) + 1;
            unheld.Remove(number);
        }
        else if (kind == 3 && held.Length > 0 && holders[block] == 1 && !contents.ContainsValue(block))
        {
            var kept = pool.Publish(block, Key(number));
            if (contents.TryAdd(number, block))
            {
                Assert.Equal(block, kept);
                return;
            }

            Assert.Equal(contents[number], kept);
            holders.Remove(block);
            holders[kept] = holders.GetValueOrDefault(kept) + 1;
            unheld.Remove(number);
        }
    }

    [Fact]
    public void Content_is_told_apart_by_tokens_parent_and_salt_even_when_hashes_collide()
    {
        var index = new PrefixIndex();
        var root = index.Add(new(null, "", [1, 2]), new(0));
        var salted = index.Add(new(null, "s", [1, 2]), new(1));
        var child = index.Add(new(root, "", [1, 2]), new(2));
        Assert.Same(root, Find(null, "", 1, 2));
        Assert.Same(salted, Find(null, "s", 1, 2));
        Assert.Same(child, Find(root, "", 1, 2));
        Assert.Null(Find(salted, "s", 1, 2));
        Assert.Null(Find(null, "", 2, 1));
        Assert.Throws<InvariantViolationException>(() => index.Add(new(root, "", [1, 2]), new(3)));

        // 100,000 contents over 32-bit hashes collide about once; every one is found, and as itself.
        for (var i = 0; i < 100_000; i++)
        {
            index.Add(new(root, "", [7, i]), new(i));
        }

        Assert.Equal(100_003, index.Count);
        for (var i = 0; i < 100_000; i++)
        {
            Assert.Equal(i, Find(root, "", 7, i)!.Block.Value);
        }

        BlockContent? Find(BlockContent? parent, string salt, params int[] tokens) =>
            index.TryFind(new(parent, salt, tokens), out var content) ? content : null;
    }

    [Fact]
    public void Sharing_a_block_without_content_and_publishing_a_shared_one_are_broken_invariants()
    {
        var pool = new BlockPool(2);
        var block = pool.Allocate(1)[0];
        Assert.Throws<InvariantViolationException>(() => pool.Hold(block));
        pool.Publish(block, Key(1));
        Assert.Throws<InvariantViolationException>(() => pool.Publish(block, Key(2)));
    }

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
