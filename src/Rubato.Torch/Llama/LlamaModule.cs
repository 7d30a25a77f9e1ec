using Rubato.Core;
using Rubato.Models;
using Rubato.Models.Gguf;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Rubato.Torch.Llama;

/// <summary>A language model of the Llama family: RMSNorm, rotary positions, grouped-query attention, SwiGLU, tied or own head.</summary>
public sealed class LlamaModule : nn.Module<Tensor, Tensor>
{
    private const double InitialDeviation = 0.02;
    private readonly RotaryEmbedding _rotary;
    private readonly RootMeanSquareNorm _norm;
    private readonly MatrixProduct _product = new();
    private readonly LlamaBlock[] _blocks;
    private readonly Parameter _embedding;
    private readonly Parameter _outputNorm;
    private readonly Parameter _head;

    /// <summary>Makes a model with random weights that depend on the seed only.</summary>
    /// <param name="configuration">The sizes.</param>
    /// <param name="seed">Seed of the weights.</param>
    public LlamaModule(ModelConfiguration configuration, ulong seed) : base("llama")
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
        Parameters = new FlatParameters([.. Shapes(configuration)]);
        _rotary = new(configuration.ContextLength, configuration.HeadLength, configuration.RopeTheta);
        _norm = new(configuration.RmsNormEpsilon);
        _embedding = Register("token_embd");
        _blocks = [.. Enumerable.Range(0, configuration.BlockCount)
            .Select(index => new LlamaBlock(configuration, index, Parameters, _rotary, _norm, _product))];
        foreach (var block in _blocks)
        {
            register_module(block.GetName().Replace('.', '_'), block);
        }

        _outputNorm = Register("output_norm");
        _head = configuration.TiedHead ? _embedding : Register("output");
        Initialize(seed);
    }

    /// <summary>The sizes.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>Number type of the matrix products; weights, sums of the residual stream, norms and losses stay float32.</summary>
    public MatrixPrecision Precision
    {
        get => _product.Precision;
        set => _product.Precision = value;
    }

    /// <summary>The weights and their gradients.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>Loads a model from a GGUF file of architecture "llama"; quantised weights are decoded to float32.</summary>
    /// <exception cref="RubatoException">The file cannot be read, or holds a model that this class does not cover.</exception>
    public static LlamaModule FromGguf(string path)
    {
        using var file = GgufFile.Open(path);
        return FromGguf(file, contextLength: null);
    }

    /// <summary>Loads a model from an open GGUF file.</summary>
    /// <param name="file">The file; not needed any more afterwards.</param>
    /// <param name="contextLength">Another context length than the file states, or null.</param>
    /// <exception cref="RubatoException">The file holds a model that this class does not cover.</exception>
    public static LlamaModule FromGguf(GgufFile file, int? contextLength)
    {
        ArgumentNullException.ThrowIfNull(file);
        var configuration = ModelConfiguration.FromGguf(file);
        if (!configuration.IsPlainLlama)
        {
            throw new InvalidFormatException(
                $"{file.Name}: the model goes beyond a plain Llama model (architecture {configuration.Architecture}); such models run, but cannot be trained.");
        }

        if (configuration.RopeDimensionCount != configuration.HeadLength)
        {
            throw new InvalidFormatException(
                $"{file.Name}: rotary positions cover {configuration.RopeDimensionCount} of {configuration.HeadLength} values of a head; "
                + "training needs all.");
        }

        var model = new LlamaModule(configuration with { ContextLength = contextLength ?? configuration.ContextLength }, seed: 0);
        GgufWeights.Load(model, file);
        return model;
    }

    /// <summary>Logits of the token that follows <paramref name="tokens"/>.</summary>
    /// <param name="tokens">At least one token id.</param>
    /// <returns>One value per token of the vocabulary.</returns>
    public float[] Logits(int[] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        var ids = tensor(Array.ConvertAll(tokens, token => (long)token), [1, tokens.Length]);
        return _product.Apply(Hidden(ids).select(1, tokens.Length - 1), _head).to(ScalarType.Float32).data<float>().ToArray();
    }

    /// <summary>Logits of the next token at every position.</summary>
    /// <param name="tokens">Token ids, int64, shape [batch, sequence]; the sequence is at most the context length.</param>
    /// <returns>Shape [batch, sequence, vocabulary].</returns>
    public override Tensor forward(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return _product.Apply(Hidden(tokens), _head).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>The summed negative log-likelihood in nats of <paramref name="targets"/> after <paramref name="tokens"/>.</summary>
    /// <param name="tokens">Token ids, int64, shape [batch, sequence].</param>
    /// <param name="targets">The following token ids, same shape; −100 where the token does not count.</param>
    public Tensor Loss(Tensor tokens, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        using var scope = NewDisposeScope();
        var logits = _product.Apply(Hidden(tokens).flatten(0, 1), _head).to(ScalarType.Float32);
        return F.cross_entropy(logits, targets.flatten(), reduction: nn.Reduction.Sum).MoveToOuterDisposeScope();
    }

    private static IEnumerable<(string Name, long[] Shape)> Shapes(ModelConfiguration c)
    {
        yield return ("token_embd", [c.VocabularySize, c.EmbeddingLength]);
        foreach (var shape in Enumerable.Range(0, c.BlockCount).SelectMany(index => LlamaBlock.Shapes(c, index)))
        {
            yield return shape;
        }

        yield return ("output_norm", [c.EmbeddingLength]);
        if (!c.TiedHead)
        {
            yield return ("output", [c.VocabularySize, c.EmbeddingLength]);
        }
    }

    private Parameter Register(string name)
    {
        var parameter = Parameters[name];
        register_parameter(name, parameter);
        return parameter;
    }

    private Tensor Hidden(Tensor tokens)
    {
        var sequence = tokens.shape[1];
        Check.Invariant(sequence <= Configuration.ContextLength, $"sequence {sequence}, context {Configuration.ContextLength}");
        var hidden = _embedding.index_select(0, tokens.flatten()).view(tokens.shape[0], sequence, -1);
        foreach (var block in _blocks)
        {
            hidden = block.forward(hidden);
        }

        return _norm.Apply(hidden, _outputNorm);
    }

    /// <summary>Normal weights of deviation 0.02, smaller by √(2 blocks) where a block adds to the residual stream; gains of 1.</summary>
    private void Initialize(ulong seed)
    {
        using var unrecorded = no_grad();
        using var scope = NewDisposeScope();
        var residual = InitialDeviation / Math.Sqrt(2.0 * Configuration.BlockCount);
        foreach (var place in Parameters.Layout)
        {
            var generator = new Generator(new Prng(seed).Split(place.Name).NextUInt64());
            var addsToResidual = place.Name.Split('.')[^1] is "attn_output" or "ffn_down";
            var deviation = addsToResidual ? residual : InitialDeviation;
            using TorchSharp.Scalar scale = deviation;
            _ = Parameters[place.Name].copy_(place.Shape.Length == 1 ? ones([.. place.Shape]) : randn([.. place.Shape], generator: generator).mul_(scale));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rotary.Dispose();
            _norm.Dispose();
            Parameters.Dispose();
        }

        base.Dispose(disposing);
    }
}
