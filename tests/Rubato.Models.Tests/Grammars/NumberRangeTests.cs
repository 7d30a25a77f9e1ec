using System.Globalization;
using Rubato.Core;
using Rubato.Models.Grammars;
using Rubato.Models.Grammars.Automata;
using Rubato.Models.Grammars.Json;

namespace Rubato.Models.Tests.Grammars;

public sealed class NumberRangeTests
{
    [Fact]
    public void Integers_AreExactlyThoseBetweenTheBounds()
    {
        for (var i = 0; i < FuzzScale.Times(200); i++)
        {
            var random = new Prng(10).Split((ulong)i);
            var (a, b) = (Draw(random), Draw(random));
            long? low = random.Chance(1, 5) ? null : Math.Min(a, b);
            long? high = random.Chance(1, 5) ? null : Math.Max(a, b);
            var automaton = Compile(NumberRange.Integers(low, high));
            long[] candidates = [a, b, a - 1, a + 1, b - 1, b + 1, 0, -1, 1, .. Enumerable.Range(0, 20).Select(_ => Draw(random))];
            foreach (var candidate in candidates.Where(one => Math.Abs(one) <= NumberRange.Most))
            {
                Assert.Equal(
                    candidate >= (low ?? long.MinValue) && candidate <= (high ?? long.MaxValue),
                    Automata.Accepts(automaton, candidate.ToString(CultureInfo.InvariantCulture)));
            }
        }
    }

    [Fact]
    public void Numbers_AreExactlyThoseBetweenTheBounds()
    {
        for (var i = 0; i < FuzzScale.Times(200); i++)
        {
            var random = new Prng(11).Split((ulong)i);
            var (a, b) = (random.NextInt32(-30, 30), random.NextInt32(-30, 30));
            var low = (Value: (long)Math.Min(a, b), IsExclusive: random.Chance(1, 2));
            var high = (Value: (long)Math.Max(a, b) + 1, IsExclusive: random.Chance(1, 2));
            var automaton = Compile(NumberRange.Numbers(low, high));
            for (var j = 0; j < 60; j++)
            {
                var number = random.NextInt32(-3500, 3500) / (random.Chance(1, 2) ? 100m : 1m);
                var text = number.ToString(CultureInfo.InvariantCulture);
                var expected = (number > low.Value || (number == low.Value && !low.IsExclusive)) && (number < high.Value || (number == high.Value && !high.IsExclusive));
                // An end may be written without a fraction only.
                if (text.EndsWith('0') && text.Contains('.'))
                {
                    text = text.TrimEnd('0').TrimEnd('.');
                }

                Assert.Equal(expected, Automata.Accepts(automaton, text));
            }
        }
    }

    private static long Draw(Prng random)
    {
        var value = (long)random.NextBelow(1UL << (1 + random.NextInt32(59)));
        return random.Chance(1, 2) ? value : -value;
    }

    private static GrammarAutomaton Compile(Rubato.Models.Grammars.Expressions.GrammarExpression expression) =>
        new(GrammarCompiler.Compile(expression, GrammarLimits.Default, new GrammarWork(GrammarLimits.Default)), GrammarLimits.Default);
}
