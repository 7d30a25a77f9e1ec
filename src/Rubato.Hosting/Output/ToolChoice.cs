namespace Rubato.Hosting.Output;

/// <summary>Whether the model may or must call functions.</summary>
internal enum ToolChoice
{
    /// <summary>It decides.</summary>
    Auto,

    /// <summary>It must not; the functions are not shown to it.</summary>
    None,

    /// <summary>It must call one of them.</summary>
    Required,
}
