using Rubato.Core;
using Rubato.Serving;
using Rubato.Simulation.Serving;

namespace Rubato.Simulation.Tests.Serving;

public sealed class BlockPoolModelTests
{
    [Fact]
    public void A_block_has_one_owner_until_it_is_released()
    {
        var model = new BlockPoolModel(3);
        model.Hold(new(1), new BlockId(0));
        model.Hold(new(1), new BlockId(0));
        model.Hold(new(1), new BlockId(2));

        Assert.Throws<InvariantViolationException>(() => model.Hold(new(2), new BlockId(0)));
        Assert.Throws<InvariantViolationException>(() => model.Hold(new(2), new BlockId(3)));
        Assert.Equal(1, model.Free);
        model.Release(new(1));
        Assert.Equal(3, model.Free);
        Assert.Null(model.OwnerOf(new(0)));
        model.Hold(new(2), new BlockId(0));
        Assert.Equal(new RequestId(2), model.OwnerOf(new(0)));
    }
}
