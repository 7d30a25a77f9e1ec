using System.CommandLine;
using Rubato.Kernels.Attention;

namespace Rubato.Cli.Commands;

/// <summary><c>--kv-format</c>, wherever a model runs.</summary>
internal static class KvFormatOption
{
    public static Option<KvFormat> Create(KvFormat value = KvFormat.F32, string name = "--kv-format")
    {
        var option = new Option<KvFormat>(name)
        {
            Description = "How keys and values are kept: f32, f16 (half the memory) or q8_0 (27 % of it).",
            HelpName = "TYPE",
            DefaultValueFactory = _ => value,
        };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "f32", "f16", "q8_0");
        return option;
    }
}
