namespace Rubato.Kernels.Panels;

/// <summary>Something that is done with a panel format known to the JIT.</summary>
/// <typeparam name="TResult">What it gives.</typeparam>
internal interface IPanelAction<out TResult>
{
    TResult Run<TFormat>()
        where TFormat : struct, IPanelFormat;
}
