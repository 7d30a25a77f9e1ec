using Rubato.Kernels.Threading;

namespace Rubato.Kernels.Tests.Threading;

/// <summary>Turns on a shared gang: one at a time, and nobody is passed over.</summary>
public sealed class GangTurnsTests
{
    [Fact]
    public void Turns_AreOneAtATime_AndFair()
    {
        const int Owners = 4;
        const int Rounds = 200;
        using var gang = new WorkerGang(1);
        var inside = 0;
        var order = new List<int>();
        var threads = Enumerable.Range(0, Owners).Select(owner => new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                gang.RunInTurn(owner, mine =>
                {
                    Assert.Equal(1, Interlocked.Increment(ref inside));
                    order.Add(mine); // Not thread-safe: only turns protect it.
                    return Interlocked.Decrement(ref inside);
                });
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(Owners * Rounds, order.Count);
        Assert.All(Enumerable.Range(0, Owners), owner => Assert.Equal(Rounds, order.Count(turn => turn == owner)));
    }

    [Fact]
    public void Turns_ComeInTheOrderOfAsking()
    {
        var turns = new GangTurns();
        turns.Enter();
        var order = new List<int>();
        var threads = new List<Thread>();
        for (var i = 0; i < 5; i++)
        {
            var mine = i;
            var thread = new Thread(() =>
            {
                turns.Enter();
                order.Add(mine);
                turns.Exit();
            });
            thread.Start();
            SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
            threads.Add(thread);
        }

        turns.Exit();
        threads.ForEach(thread => thread.Join());
        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public void AFailure_EndsTheTurn()
    {
        using var gang = new WorkerGang(1);
        Assert.Throws<InvalidOperationException>(() => gang.RunInTurn<int, int>(0, _ => throw new InvalidOperationException()));
        Assert.Equal(3, gang.RunInTurn(2, two => two + 1));
    }
}
