namespace Rubato.LearningRates.Schedules;

/// <summary>Which progress the k-th of N updates (k = 1 … N) reads a profile at: the commonest difference between libraries.</summary>
public enum IndexConvention
{
    /// <summary>(k − 1) / N. The first update has the full rate, the last a small one above 0. Usual in PyTorch.</summary>
    ZeroBased,

    /// <summary>k / N. The last rate is that of progress 1, for most profiles 0: one update fewer moves the weights.</summary>
    OneBased,

    /// <summary>k / (N + 1). Every update moves the weights and none has the full rate.</summary>
    Interior,

    /// <summary>(k − ½) / N. The phase of UBA, and the Chebyshev nodes.</summary>
    MidPoint,

    /// <summary>(k − 1) / (N − 1). Both ends of the profile are read: tables and one-cycle.</summary>
    Closed,
}
