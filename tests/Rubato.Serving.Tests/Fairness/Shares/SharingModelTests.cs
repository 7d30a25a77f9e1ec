using Rubato.Core;
using Rubato.Serving.Fairness.Shares;

namespace Rubato.Serving.Tests.Fairness.Shares;

/// <summary>The order of a selection against the rule written down plainly: no heap, nothing lazy, all compared with all.</summary>
public sealed class SharingModelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Selections_follow_the_rule(bool preemptive)
    {
        for (var seed = 0UL; seed < (ulong)FuzzScale.Times(40); seed++)
        {
            var random = new Prng(seed);
            var policy = new VirtualTokenCounterPolicy(new() { Threshold = random.NextInt32(60) }, preemptive);
            var server = new PolicyServer(policy, 600, runningMax: 6);
            for (var step = 0; step < 120; step++)
            {
                if (random.Chance(1, 3))
                {
                    server.Admit($"{random.NextInt32(4)}", random.NextInt32(1, 80), random.NextInt32(1, 60), $"{random.NextInt32(3)}");
                }

                AssertOrder(policy, server, preemptive, random);
                server.Step();
            }
        }
    }

    private static void AssertOrder(VirtualTokenCounterPolicy policy, PolicyServer server, bool preemptive, Prng random)
    {
        var model = new Model(policy, server.Live, preemptive);
        policy.BeginSelection(server.Live, server.Iteration, server.Now);
        var charges = random.NextInt32(4);
        for (var expected = model.Next(); expected is not null; expected = model.Next())
        {
            var offered = (PolicySequence?)policy.Next();
            Assert.Same(expected, offered);

            // Some are taken for the first time, which charges their clients in the middle of the selection.
            if (charges-- > 0)
            {
                policy.Take(expected);
            }
        }

        Assert.Null(policy.Next());
    }

    private sealed class Model(VirtualTokenCounterPolicy policy, IReadOnlyList<PolicySequence> live, bool preemptive)
    {
        private readonly List<PolicySequence> _left = [.. live];
        private readonly Dictionary<string, int> _residents = live
            .Where(sequence => sequence.IsResident && !(preemptive && sequence.TokensSinceResumed == 0))
            .GroupBy(sequence => sequence.Client)
            .ToDictionary(client => client.Key, client => client.Count());

        public PolicySequence? Next()
        {
            if (_left.Count == 0)
            {
                return null;
            }

            var next = _left.FirstOrDefault(IsShielded);
            if (next is null)
            {
                var client = _left.GroupBy(sequence => sequence.Client).Select(OfClient).Min()!.Group;
                next = client
                    .GroupBy(sequence => sequence.User)
                    .Select(OfUser)
                    .Min()!
                    .Group
                    .OrderByDescending(sequence => sequence.IsResident)
                    .ThenBy(sequence => sequence.ArrivalNumber)
                    .First();
                _residents[next.Client] = _residents.GetValueOrDefault(next.Client) - 1;
            }

            _left.Remove(next);
            return next;
        }

        private Candidate OfClient(IGrouping<string, PolicySequence> client) => Rate(
            client,
            policy.CounterOf(client.Key)!.Value,
            _residents.GetValueOrDefault(client.Key) > 0,
            policy.RegistrationOf(client.Key));

        private Candidate OfUser(IGrouping<string, PolicySequence> user)
        {
            var client = user.First().Client;
            return Rate(
                user,
                policy.CounterOf(client, user.Key)!.Value,
                user.Any(sequence => sequence.IsResident),
                policy.RegistrationOf(client, user.Key));
        }

        private bool IsShielded(PolicySequence sequence) => preemptive && sequence.IsResident && sequence.TokensSinceResumed == 0;

        private Candidate Rate(IEnumerable<PolicySequence> group, double counter, bool resident, long registered) => preemptive
            ? new([.. group], 0, resident ? counter - policy.Threshold : counter, resident, registered)
            : new([.. group], resident ? 0 : 1, counter, resident, registered);
    }

    private sealed record Candidate(PolicySequence[] Group, int Class, double Counter, bool Resident, long Registered) : IComparable<Candidate>
    {
        public int CompareTo(Candidate? other) => (Class, Counter, !Resident, Registered).CompareTo((other!.Class, other.Counter, !other.Resident, other.Registered));
    }
}
