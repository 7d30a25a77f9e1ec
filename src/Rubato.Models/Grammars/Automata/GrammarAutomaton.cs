using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Rubato.Core;

namespace Rubato.Models.Grammars.Automata;

/// <summary>Follows texts through a compiled grammar; states that were met once are looked up. Not thread-safe.</summary>
/// <remarks>
/// A nondeterministic pushdown automaton whose sets of stacks are merged (<see cref="GrammarStack"/>), made deterministic as far as texts
/// go. Nodes from which the nesting limit leaves no way to the end are never entered, so every live state can be completed.
/// </remarks>
internal sealed class GrammarAutomaton
{
    private readonly byte[] _byteClasses;
    private readonly int _byteClassCount;
    private readonly GrammarNode[] _nodes;
    private readonly GrammarLimits _limits;
    private readonly Stack<(int Node, GrammarStack Stack)> _work = [];
    private readonly HashSet<(int Node, long Stack)> _seen = [];
    private readonly SortedDictionary<int, GrammarStack> _found = [];
    private Dictionary<(bool, int[], GrammarStack[]), GrammarState> _states = new(new ContentComparer());
    private GrammarStacks _stacks;
    private bool _accepts;

    public GrammarAutomaton(CompiledGrammar grammar, GrammarLimits limits)
    {
        (_byteClasses, _byteClassCount) = (grammar.ByteClasses, grammar.ByteClassCount);
        _nodes = grammar.Nodes;
        _limits = limits;
        _stacks = new GrammarStacks(_nodes);
        Start = Close(() => Enter(grammar.Start, _stacks.Bottom));
    }

    /// <summary>Before any text.</summary>
    public GrammarState Start { get; }

    /// <summary>How many more places may be followed; the caller sets it before a piece of work that must end.</summary>
    public long StepsLeft { get; set; } = long.MaxValue;

    /// <summary>The state after one more byte; dead when the grammar does not allow it.</summary>
    /// <exception cref="RubatoException">The grammar is too ambiguous to be followed.</exception>
    public GrammarState Step(GrammarState state, byte unit)
    {
        var place = _byteClasses[unit];
        return state.Next[place] ?? (state.Next[place] = StepAnew(state, unit));
    }

    /// <summary>Bytes of a range, one for each kind that the grammar tells apart.</summary>
    public byte[] Kinds(IEnumerable<byte> units) => [.. units.DistinctBy(unit => _byteClasses[unit])];

    private GrammarState StepAnew(GrammarState state, byte unit) => Close(() =>
    {
        for (var i = 0; i < state.Nodes.Length; i++)
        {
            foreach (var edge in _nodes[state.Nodes[i]].Bytes)
            {
                if (unit >= edge.Low && unit <= edge.High)
                {
                    Enter(edge.Next, state.Stacks[i]);
                }
            }
        }
    });

    /// <summary>The state after a token that stands for no text; dead when the grammar does not allow it.</summary>
    public GrammarState StepToken(GrammarState state, int token) => Close(() =>
    {
        for (var i = 0; i < state.Nodes.Length; i++)
        {
            var node = _nodes[state.Nodes[i]];
            var isMarker = false;
            foreach (var edge in node.Tokens)
            {
                if (edge.Token == token)
                {
                    isMarker = true;
                    Enter(edge.Next, state.Stacks[i]);
                }
            }

            if (node.IsFree && !isMarker)
            {
                Enter(node.Next, state.Stacks[i]);
            }
        }
    });

    /// <summary>The tokens that stand for no text and are allowed by name.</summary>
    public IEnumerable<int> TokensAt(GrammarState state) => state.Nodes.SelectMany(node => _nodes[node].Tokens).Select(edge => edge.Token);

    /// <summary>A state that allows the same texts of up to <paramref name="length"/> bytes, and of which there are few.</summary>
    public GrammarState Clamp(GrammarState state, int length)
    {
        if (!state.Stacks.Any(stack => stack.Counter > length))
        {
            return state;
        }

        return Intern(state.Nodes, [.. state.Stacks.Select(stack => _stacks.Clamp(stack, length))], state.Accepts);
    }

    /// <summary>Follows everything that needs no byte, and gives the state that waits for one.</summary>
    private GrammarState Close(Action enter)
    {
        _found.Clear();
        _seen.Clear();
        _work.Clear();
        _accepts = false;
        if (_states.Count >= _limits.States || _stacks.Count >= _limits.Stacks)
        {
            // Forgetting is harmless: states in use keep what they need, others are found anew.
            _states = new(new ContentComparer());
            _stacks = new GrammarStacks(_nodes);
        }

        enter();
        var steps = 0;
        while (_work.TryPop(out var place))
        {
            if (++steps > _limits.StepsPerByte || --StepsLeft < 0)
            {
                throw new RubatoException("The schema is too ambiguous: after some outputs too many places in it are possible. Simplify its anyOf and optional parts.");
            }

            Follow(place.Node, place.Stack);
        }

        return Intern([.. _found.Keys], [.. _found.Values], _accepts);
    }

    /// <summary>Puts a place on the list, unless there is no way to the end from it within the nesting limit.</summary>
    private void Enter(int node, GrammarStack stack)
    {
        if (_nodes[node].Height <= _limits.Nesting - stack.Depth && _seen.Add((node, stack.Id)))
        {
            _work.Push((node, stack));
        }
    }

    private void Follow(int index, GrammarStack stack)
    {
        var node = _nodes[index];
        switch (node.Kind)
        {
            case GrammarNodeKind.Wait:
                _found[index] = _found.TryGetValue(index, out var known) ? _stacks.Merge(known, stack) : stack;
                break;
            case GrammarNodeKind.Split:
                foreach (var target in node.Targets)
                {
                    Enter(target, stack);
                }

                break;
            case GrammarNodeKind.Call:
                // What ends with the rule need not be remembered: a list does not make the stack grow.
                var isLast = _nodes[node.Next].Kind == GrammarNodeKind.Return && !node.Nests;
                Enter(node.Body, isLast ? stack : _stacks.Push(index, 0, 0, stack));
                break;
            case GrammarNodeKind.Repeat:
                Loop(index, node.Min, node.Max, stack);
                break;
            default:
                Return(stack);
                break;
        }
    }

    private void Return(GrammarStack stack)
    {
        _accepts |= stack.HoldsEmpty;
        foreach (var frame in stack.Frames)
        {
            if (_nodes[frame.Node].Kind == GrammarNodeKind.Repeat)
            {
                Loop(frame.Node, frame.MinLeft, frame.MaxLeft, frame.Parent);
            }
            else
            {
                Enter(_nodes[frame.Node].Next, frame.Parent);
            }
        }
    }

    private void Loop(int index, int minLeft, int maxLeft, GrammarStack stack)
    {
        var node = _nodes[index];
        if (minLeft == 0)
        {
            Enter(node.Next, stack);
        }

        if (maxLeft > 0)
        {
            var left = maxLeft == GrammarStack.Unbounded ? maxLeft : maxLeft - 1;
            Enter(node.Body, _stacks.Push(index, Math.Max(minLeft - 1, 0), left, stack));
        }
    }

    private GrammarState Intern(int[] nodes, GrammarStack[] stacks, bool accepts)
    {
        if (!_states.TryGetValue((accepts, nodes, stacks), out var state))
        {
            var isFree = Array.Exists(nodes, node => _nodes[node].IsFree);
            state = new(nodes, stacks, accepts, isFree, _byteClassCount);
            _states.Add((accepts, nodes, stacks), state);
        }

        return state;
    }

    private sealed class ContentComparer : IEqualityComparer<(bool Accepts, int[] Nodes, GrammarStack[] Stacks)>
    {
        public bool Equals((bool Accepts, int[] Nodes, GrammarStack[] Stacks) x, (bool Accepts, int[] Nodes, GrammarStack[] Stacks) y) =>
            x.Accepts == y.Accepts && x.Nodes.AsSpan().SequenceEqual(y.Nodes) && x.Stacks.AsSpan().SequenceEqual(y.Stacks);

        public int GetHashCode([DisallowNull] (bool Accepts, int[] Nodes, GrammarStack[] Stacks) content)
        {
            var hash = new HashCode();
            hash.Add(content.Accepts);
            hash.AddBytes(MemoryMarshal.AsBytes(content.Nodes.AsSpan()));
            foreach (var stack in content.Stacks)
            {
                hash.Add(stack.Id);
            }

            return hash.ToHashCode();
        }
    }
}
