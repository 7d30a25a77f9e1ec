using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Inference.Packing;
using Rubato.Kernels.MatrixProducts;
using Rubato.Models;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Models;

/// <summary>
/// A Llama-family model ready to run: its weights stay in the mapped file, quantised ones also in a packed form that suits the kernels.
/// </summary>
/// <remarks>Immutable; several executors may share one model. Weights may be of any supported type, each tensor its own.</remarks>
public sealed class DecoderModel : IDisposable
{
    private readonly GgufFile _file;
    private readonly PackedTensors? _packed;
    private readonly bool _ownsFile;

    private DecoderModel(GgufFile file, PackingOptions packing, bool ownsFile)
    {
        _file = file;
        _ownsFile = ownsFile;
        Configuration = ModelConfiguration.FromGguf(file);
        _packed = PackedTensors.Open(file, packing);
        TokenEmbedding = Matrix(TensorNames.TokenEmbedding);
        Layers = [.. Enumerable.Range(0, Configuration.BlockCount).Select(ReadLayer)];
        OutputNorm = Vector(TensorNames.OutputNorm);
        Output = Configuration.TiedHead ? TokenEmbedding : Matrix(TensorNames.Output);
        var matrices = Layers.SelectMany(layer => layer.Matrices).Append(Output);
        WeightBytesPerPass = matrices.Sum(matrix => matrix.BytesPerProduct);
    }

    /// <summary>Sizes and constants.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The file that the model lives in: name, metadata, tokenizer.</summary>
    public GgufFile File => _file;

    /// <summary>Bytes of weights that every forward pass reads, whatever the number of tokens.</summary>
    public long WeightBytesPerPass { get; }

    /// <summary>Multiply-adds with weights for a token of a prompt, the output head left out.</summary>
    public long ProductsPerPrefillToken => Layers.SelectMany(layer => layer.Matrices).Sum(matrix => (long)matrix.Inputs * matrix.Outputs);

    internal WeightMatrix TokenEmbedding { get; }

    internal ImmutableArray<DecoderLayer> Layers { get; }

    internal float[] OutputNorm { get; }

    internal WeightMatrix Output { get; }

    /// <summary>Maps the model file at <paramref name="path"/>.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="packing">What to do with quantised weights; null packs them.</param>
    /// <exception cref="RubatoException">The file cannot be read.</exception>
    /// <exception cref="InvalidFormatException">It is no sound GGUF file, holds another architecture or a tensor that is not supported.</exception>
    public static DecoderModel Open(string path, PackingOptions? packing = null)
    {
        var file = GgufFile.Open(path);
        try
        {
            return new(file, packing ?? PackingOptions.Default, ownsFile: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Uses a file that is open already, which must outlive the model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="packing">What to do with quantised weights; null leaves them as they are.</param>
    /// <exception cref="InvalidFormatException">The file holds another architecture or a tensor that is not supported.</exception>
    public static DecoderModel FromGguf(GgufFile file, PackingOptions? packing = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new(file, packing ?? PackingOptions.None, ownsFile: false);
    }

    /// <summary>Unmaps the file when <see cref="Open"/> mapped it. The model must not be used any more.</summary>
    public void Dispose()
    {
        _packed?.Dispose();
        if (_ownsFile)
        {
            _file.Dispose();
        }
    }

    private DecoderLayer ReadLayer(int block) => new(
        Vector(TensorNames.AttentionNorm(block)),
        [Matrix(TensorNames.AttentionQuery(block)), Matrix(TensorNames.AttentionKey(block)), Matrix(TensorNames.AttentionValue(block))],
        Matrix(TensorNames.AttentionOutput(block)),
        Vector(TensorNames.FeedForwardNorm(block)),
        [Matrix(TensorNames.FeedForwardGate(block)), Matrix(TensorNames.FeedForwardUp(block))],
        Matrix(TensorNames.FeedForwardDown(block)));

    private float[] Vector(string name)
    {
        var tensor = _file.GetTensor(name);
        var values = new float[tensor.ElementCount];
        _file.ReadRow(tensor, 0, values);
        return values;
    }

    private WeightMatrix Matrix(string name)
    {
        var tensor = _file.GetTensor(name);
        var format = tensor.Type.TryWeightFormat() ?? throw new InvalidFormatException(
            $"{_file.Name}: tensor {tensor}: this type is not supported; types that work: {GgmlTypeInfo.SupportedNames}.");
        var stored = new WeightMatrix(_file.Data(tensor), format, checked((int)tensor.RowCount), checked((int)tensor.RowLength));
        return _packed?.Attach(name, 0, stored) ?? stored;
    }
}
