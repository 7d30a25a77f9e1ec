namespace Rubato.Models.Quantization;

/// <summary>Why a tensor has the type that it has.</summary>
public enum QuantizationReason
{
    /// <summary>It is the type that was asked for.</summary>
    Asked,

    /// <summary>Vectors are small and sensitive: F32.</summary>
    Vector,

    /// <summary>Routers of experts are small, and what they choose is all or nothing: F32.</summary>
    Router,

    /// <summary>The output head gets Q6_K when a smaller type was asked for.</summary>
    OutputHead,

    /// <summary>A row is no whole number of blocks of the type that it should have had.</summary>
    RowLength,
}
