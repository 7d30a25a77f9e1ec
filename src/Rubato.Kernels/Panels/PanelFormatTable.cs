using Rubato.Kernels.MatrixProducts;
using Rubato.Kernels.Simd;

namespace Rubato.Kernels.Panels;

/// <summary>From the names of formats to their panel formats.</summary>
internal static class PanelFormatTable
{
    /// <summary>Runs <paramref name="action"/> for a quantised format.</summary>
    public static TResult Run<TAction, TResult>(WeightFormat format, TAction action)
        where TAction : struct, IPanelAction<TResult> => format switch
        {
            WeightFormat.Q8_0 => action.Run<Q8_0Panels>(),
            WeightFormat.Q4_0 => action.Run<Q4_0Panels>(),
            WeightFormat.Q4_1 => action.Run<Q4_1Panels>(),
            WeightFormat.Q5_0 => action.Run<Q5_0Panels>(),
            WeightFormat.Q5_1 => action.Run<Q5_1Panels>(),
            WeightFormat.Q2_K => action.Run<Q2_KPanels>(),
            WeightFormat.Q3_K => action.Run<Q3_KPanels>(),
            WeightFormat.Q4_K => action.Run<Q4_KPanels>(),
            WeightFormat.Q5_K => action.Run<Q5_KPanels>(),
            WeightFormat.Q6_K => action.Run<Q6_KPanels>(),
            WeightFormat.IQ4_NL => action.Run<IQ4_NLPanels>(),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "No quantised format."),
        };

    public static PanelLayout Layout(WeightFormat format, int inputs, VectorWidth width) =>
        Run<LayoutOf, PanelLayout>(format, new(inputs, width));

    public static ActivationKind Activations(WeightFormat format) => Run<KindOf, ActivationKind>(format, default);

    private readonly struct LayoutOf(int inputs, VectorWidth width) : IPanelAction<PanelLayout>
    {
        public PanelLayout Run<TFormat>()
            where TFormat : struct, IPanelFormat => PanelLayout.Of<TFormat>(inputs, width);
    }

    private readonly struct KindOf : IPanelAction<ActivationKind>
    {
        public ActivationKind Run<TFormat>()
            where TFormat : struct, IPanelFormat => ActivationKinds.Of<TFormat>();
    }
}
