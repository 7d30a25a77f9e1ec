using System.Collections.Immutable;
using Rubato.Core;
using Rubato.Inference.Packing;
using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Positions;
using Rubato.Models;
using Rubato.Models.Gguf;

namespace Rubato.Inference.Models;

/// <summary>
/// A model ready to run: its weights stay in the mapped file, quantised ones also in a packed form that suits the kernels.
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
        Rotary = RotaryTable.Global(Configuration, RotaryFactors());
        LocalRotary = RotaryTable.Local(Configuration);
        _packed = PackedTensors.Open(file, packing);
        TokenEmbedding = Matrix(TensorNames.TokenEmbedding);
        var reader = new DecoderLayerReader(Configuration, Vector, Matrix);
        Layers = [.. Enumerable.Range(0, Configuration.BlockCount).Select(reader.Read)];
        OutputNorm = Vector(TensorNames.OutputNorm);
        Output = Configuration.TiedHead ? TokenEmbedding : Matrix(TensorNames.Output);
        WeightBytesPerPass = Layers.SelectMany(layer => layer.MatricesOfToken).Append(Output).Sum(matrix => matrix.BytesPerProduct);
    }

    /// <summary>Sizes and constants.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>The file that the model lives in: name, metadata, tokenizer.</summary>
    public GgufFile File => _file;

    /// <summary>Bytes of weights that a forward pass of one token reads: without experts, every pass reads as much.</summary>
    public long WeightBytesPerPass { get; }

    /// <summary>Multiply-adds with weights for a token of a prompt, the output head left out.</summary>
    public long ProductsPerPrefillToken => Layers.SelectMany(layer => layer.MatricesOfToken).Sum(matrix => (long)matrix.Inputs * matrix.Outputs);

    internal WeightMatrix TokenEmbedding { get; }

    internal ImmutableArray<DecoderLayer> Layers { get; }

    internal float[] OutputNorm { get; }

    internal WeightMatrix Output { get; }

    internal RotaryEmbedding Rotary { get; }

    /// <summary>The turns of layers with a window, or null where they turn as the others do.</summary>
    internal RotaryEmbedding? LocalRotary { get; }

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

    private float[]? RotaryFactors()
    {
        if (RotaryTable.FactorsOf(Configuration) is not { } name)
        {
            return null;
        }

        var factors = Vector(name);
        RotaryTable.Check(factors, _file.Name, name);
        return factors;
    }

    private float[] Vector(string name)
    {
        var tensor = _file.GetTensor(name);
        var values = new float[tensor.ElementCount];
        _file.ReadRow(tensor, 0, values);
        return values;
    }

    /// <summary>Matrix <paramref name="index"/> of the <paramref name="count"/> that a tensor holds one after the other.</summary>
    private WeightMatrix Matrix(string name, int index = 0, int count = 1)
    {
        var tensor = _file.GetTensor(name);
        var format = tensor.Type.TryWeightFormat() ?? throw new InvalidFormatException(
            $"{_file.Name}: tensor {tensor}: this type is not supported; types that work: {GgmlTypeInfo.SupportedNames}.");
        var data = _file.Data(tensor);
        var bytes = data.Length / count;
        var stored = new WeightMatrix(
            data.Slice(index * bytes, bytes), format, checked((int)(tensor.RowCount / count)), checked((int)tensor.RowLength));
        return _packed?.Attach(name, index, stored) ?? stored;
    }
}
