using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Rubato.Core;
using Rubato.Models.Grammars.Expressions;

namespace Rubato.Models.Grammars.Automata;

/// <summary>Turns an expression into a graph of nodes, from its end to its beginning.</summary>
internal sealed class GrammarCompiler
{
    /// <summary>A counted repetition whose copies need no more nodes than this is written out.</summary>
    private const int CopiedNodesMax = 24;

    private readonly GrammarLimits _limits;
    private readonly GrammarWork _work;
    private readonly List<GrammarNode> _nodes = [];
    private readonly Dictionary<GrammarRule, int> _rules = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<GrammarRule> _pending = [];
    private readonly List<(GrammarNode Call, GrammarRule Rule)> _calls = [];
    private readonly Dictionary<(Same, int), int> _emitted = [];
    private readonly Dictionary<Same, int> _bodySizes = [];
    private readonly List<byte> _markerStarts = [];
    private readonly int _return;

    private GrammarCompiler(GrammarLimits limits, GrammarWork work)
    {
        _work = work;
        _limits = limits;
        _return = Add(new() { Kind = GrammarNodeKind.Return });
    }

    /// <exception cref="InvalidFormatException">The grammar is too large, or no text can ever satisfy it.</exception>
    public static CompiledGrammar Compile(GrammarExpression root, GrammarLimits limits, GrammarWork work)
    {
        var compiler = new GrammarCompiler(limits, work);
        var start = compiler.Emit(root, compiler._return);
        while (compiler._pending.TryDequeue(out var rule))
        {
            Check.Invariant(rule.Body is not null, $"rule {rule.Name} has a body");
            compiler._rules[rule] = compiler.Emit(rule.Body, compiler._return);
        }

        foreach (var (call, rule) in compiler._calls)
        {
            call.Body = compiler._rules[rule];
        }

        GrammarNode[] nodes = [.. compiler._nodes];
        GrammarHeights.Compute(nodes);
        if (nodes[start].Height > limits.Nesting)
        {
            throw new InvalidFormatException(nodes[start].Height == int.MaxValue
                ? "No output can satisfy the schema: its parts contradict each other or contain themselves without end."
                : $"Every output of the schema nests deeper than {limits.Nesting} levels.");
        }

        var (classes, count) = ByteClasses(nodes);
        return new(nodes, start, classes, count, [.. compiler._markerStarts.Distinct()]);
    }

    /// <summary>The first node of the expression before <paramref name="next"/>; one expression in one place is written once.</summary>
    private int Emit(GrammarExpression expression, int next)
    {
        if (!_emitted.TryGetValue((new(expression), next), out var first))
        {
            _work.SpendOnNodes(1);
            first = EmitAnew(expression, next);
            _emitted.Add((new(expression), next), first);
        }

        return first;
    }

    private int EmitAnew(GrammarExpression expression, int next)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                for (var i = literal.Bytes.Length - 1; i >= 0; i--)
                {
                    next = Wait(literal.Bytes[i], literal.Bytes[i], next);
                }

                return next;
            case ByteRangeExpression range:
                return Wait(range.Low, range.High, next);
            case TokenExpression token:
                return Add(new() { Kind = GrammarNodeKind.Wait, Tokens = [new(token.Token, next)] });
            case SequenceExpression sequence:
                for (var i = sequence.Items.Length - 1; i >= 0; i--)
                {
                    next = Emit(sequence.Items[i], next);
                }

                return next;
            case ChoiceExpression choice:
                return EmitChoice(choice.Items, next);
            case RepeatExpression repeat:
                return EmitRepeat(repeat, next);
            case RuleExpression rule:
                return EmitCall(rule.Rule, next);
            case FreeTextExpression free:
                _markerStarts.AddRange(free.Markers.Select(marker => marker[0]));
                return FreeTextNodes.Emit(free, next, Emit, Add);
            default:
                throw new InvariantViolationException($"unknown expression {expression.GetType().Name}");
        }
    }

    /// <summary>Byte ranges that lead to the same node become edges of one node.</summary>
    private int EmitChoice(ImmutableArray<GrammarExpression> items, int next)
    {
        var edges = items.OfType<ByteRangeExpression>().Select(range => new ByteEdge(range.Low, range.High, next)).ToArray();
        if (edges.Length == items.Length && edges.Length > 0)
        {
            return Add(new() { Kind = GrammarNodeKind.Wait, Bytes = edges });
        }

        return Split([.. items.Select(item => Emit(item, next))]);
    }

    private int EmitRepeat(RepeatExpression repeat, int next)
    {
        if (repeat.Max == 0)
        {
            return next;
        }

        var before = _nodes.Count;
        switch (repeat)
        {
            case { Min: 0, Max: 1 }:
                return Split([Emit(repeat.Body, next), next]);
            case { Min: <= 1, Max: null }:
                var loop = new GrammarNode { Kind = GrammarNodeKind.Split };
                var head = Add(loop);
                var body = Emit(repeat.Body, head);
                loop.Targets = [body, next];
                return repeat.Min == 0 ? head : body;
            case { Min: 1, Max: 1 }:
                return Emit(repeat.Body, next);
        }

        // A body that was written before is as large as it was then.
        var counted = Emit(repeat.Body, _return);
        _ = _bodySizes.TryAdd(new(repeat.Body), _nodes.Count - before);
        var size = _bodySizes[new(repeat.Body)];
        if (repeat.Max is { } max && (long)size * max <= CopiedNodesMax)
        {
            var end = next;
            for (var i = max; i > 0; i--)
            {
                next = Emit(repeat.Body, next);
                next = i > repeat.Min ? Split([next, end]) : next;
            }

            return next;
        }

        return Add(new()
        {
            Kind = GrammarNodeKind.Repeat,
            Body = counted,
            Min = repeat.Min,
            Max = repeat.Max ?? GrammarStack.Unbounded,
            Next = next,
        });
    }

    private int EmitCall(GrammarRule rule, int next)
    {
        if (_rules.TryAdd(rule, -1))
        {
            _pending.Enqueue(rule);
        }

        var call = new GrammarNode { Kind = GrammarNodeKind.Call, Next = next, Nests = rule.Nests };
        _calls.Add((call, rule));
        return Add(call);
    }

    private int Wait(byte low, byte high, int next) => Add(new() { Kind = GrammarNodeKind.Wait, Bytes = [new(low, high, next)] });

    private int Split(int[] targets) => targets.Length == 1 ? targets[0] : Add(new() { Kind = GrammarNodeKind.Split, Targets = targets });

    private int Add(GrammarNode node)
    {
        if (_nodes.Count >= _limits.Nodes)
        {
            throw new InvalidFormatException($"The schema is too large: it needs more than {_limits.Nodes} states. Leave parts of it out, or split it.");
        }

        _work.SpendOnNodes(1 + node.Bytes.Length + node.Targets.Length);
        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    private static (byte[] Classes, int Count) ByteClasses(GrammarNode[] nodes)
    {
        var begins = new bool[257];
        foreach (var edge in nodes.SelectMany(node => node.Bytes))
        {
            begins[edge.Low] = true;
            begins[edge.High + 1] = true;
        }

        var classes = new byte[256];
        for (var unit = 1; unit < 256; unit++)
        {
            classes[unit] = (byte)(classes[unit - 1] + (begins[unit] ? 1 : 0));
        }

        return (classes, classes[255] + 1);
    }

    /// <summary>An expression as the object that it is, not by its content.</summary>
    private readonly struct Same(GrammarExpression expression) : IEquatable<Same>
    {
        private readonly GrammarExpression _expression = expression;

        public bool Equals(Same other) => ReferenceEquals(_expression, other._expression);

        public override bool Equals(object? obj) => obj is Same other && Equals(other);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(_expression);
    }
}
