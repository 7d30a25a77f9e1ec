using System.Collections.Immutable;
using Rubato.Core;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Rubato.Torch.Llama;

/// <summary>All weights of a model in one flat float32 tensor, and their gradients in another of the same shape.</summary>
/// <remarks>
/// Parameters are views into the two tensors, so that the optimiser, the gradient norm, and checkpoints touch a few large tensors
/// instead of many small ones. Matrices come first, then the vectors (norm gains), which take no weight decay.
/// </remarks>
public sealed class FlatParameters : IDisposable
{
    private readonly ImmutableDictionary<string, Parameter> _parameters;

    /// <summary>Allocates zeros for <paramref name="shapes"/>.</summary>
    /// <param name="shapes">Names and shapes; of dimension 2 (matrices) or 1 (vectors).</param>
    public FlatParameters(IReadOnlyList<(string Name, long[] Shape)> shapes)
    {
        ArgumentNullException.ThrowIfNull(shapes);
        Layout = [.. Place(shapes)];
        Count = Layout[^1].End;
        MatrixCount = Layout.Where(place => place.Shape.Length == 2).Select(place => place.End).DefaultIfEmpty(0).Max();
        Values = zeros(Count, ScalarType.Float32).DetachFromDisposeScope();
        Gradients = zeros(Count, ScalarType.Float32).DetachFromDisposeScope();
        _parameters = Layout.ToImmutableDictionary(place => place.Name, MakeParameter, StringComparer.Ordinal);
    }

    /// <summary>Where each parameter lies.</summary>
    public ImmutableArray<ParameterPlace> Layout { get; }

    /// <summary>Number of weights.</summary>
    public long Count { get; }

    /// <summary>Number of weights in matrices; they are the first ones.</summary>
    public long MatrixCount { get; }

    /// <summary>The weights, shape [<see cref="Count"/>].</summary>
    public Tensor Values { get; }

    /// <summary>The gradients, shape [<see cref="Count"/>]; a backward pass adds to them.</summary>
    public Tensor Gradients { get; }

    /// <summary>The parameter with this name.</summary>
    public Parameter this[string name] => _parameters[name];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in _parameters.Values)
        {
            parameter.Dispose();
        }

        Values.Dispose();
        Gradients.Dispose();
    }

    private static IEnumerable<ParameterPlace> Place(IEnumerable<(string Name, long[] Shape)> shapes)
    {
        long start = 0;
        foreach (var (name, shape) in shapes.OrderByDescending(parameter => parameter.Shape.Length))
        {
            Check.Invariant(shape.Length is 1 or 2, $"{name} has {shape.Length} dimensions");
            var place = new ParameterPlace(name, [.. shape], start);
            yield return place;
            start = place.End;
        }
    }

    private Parameter MakeParameter(ParameterPlace place)
    {
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        var parameter = new Parameter(place.View(Values), requires_grad: true)
        {
            grad = place.View(Gradients),
        };
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}

/// <summary>Where one parameter lies in a <see cref="FlatParameters"/>.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Shape">Its shape: rows and columns, or a length.</param>
/// <param name="Start">The index of its first weight.</param>
public sealed record ParameterPlace(string Name, ImmutableArray<long> Shape, long Start)
{
    /// <summary>Number of weights.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The index after its last weight.</summary>
    public long End => Start + Count;

    /// <summary>The parameter's part of a flat tensor, in its shape; shares the memory.</summary>
    public Tensor View(Tensor flat)
    {
        ArgumentNullException.ThrowIfNull(flat);
        using var part = flat.narrow(0, Start, Count);
        return part.view([.. Shape]);
    }
}
