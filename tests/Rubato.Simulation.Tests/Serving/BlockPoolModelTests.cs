using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class BlockPoolModelTests
{
    [Fact]
    public void A_block_is_free_when_its_last_holder_lets_it_go()
    {
        var model = new BlockPoolModel(3);
        model.Hold(new(1), [new(0), new(2)]);
        model.Hold(new(2), [new(2)]);

        Assert.Equal((1, 3), (model.Free, model.References));
        Assert.Equal([new BlockId(2)], model.Shared());
        Assert.Equal([new RequestId(1), new RequestId(2)], model.HoldersOf(new(2)).Order());
        model.Release(new(1));
        Assert.Equal((2, 1), (model.Free, model.References));
        Assert.Empty(model.Shared());
        Assert.Empty(model.BlocksOf(new(1)));
        model.Hold(new(2), [new(1)]);
        Assert.Equal([new BlockId(1)], model.BlocksOf(new(2)));
        Assert.Equal(2, model.Free);
    }

    [Fact]
    public void Blocks_that_are_not_there_or_listed_twice_are_refused()
    {
        var model = new BlockPoolModel(3);
        Assert.Throws<InvariantViolationException>(() => model.Hold(new(2), [new(3)]));
        Assert.Throws<InvariantViolationException>(() => model.Hold(new(2), [new(-1)]));
        Assert.Throws<InvariantViolationException>(() => model.Hold(new(2), [new(1), new(1)]));
    }
}
