using System.CommandLine;
using Rubato.Core;
using Rubato.Kernels.Attention;

namespace Rubato.Cli.Commands;

/// <summary><c>--kv-format</c>, wherever a model runs.</summary>
internal sealed class KvFormatOption(KvFormat value = KvFormat.F32, string name = "--kv-format")
{
    public Option<string> Option { get; } = new(name)
    {
        Description = "How keys and values are kept: f32, f16 (half the memory) or q8_0 (27 % of it).",
        HelpName = "TYPE",
        DefaultValueFactory = _ => NameOf(value),
    };

    /// <exception cref="InvalidOptionException">There is no such format.</exception>
    public KvFormat Read(ParseResult parsed)
    {
        var given = parsed.GetRequiredValue(Option);
        foreach (var format in Enum.GetValues<KvFormat>())
        {
            if (given.Equals(NameOf(format), StringComparison.OrdinalIgnoreCase))
            {
                return format;
            }
        }

        throw new InvalidOptionException($"{Option.Name}: '{given}' is not {string.Join(", ", Enum.GetValues<KvFormat>().Select(NameOf))}.");
    }

    private static string NameOf(KvFormat format) => format switch { KvFormat.F32 => "f32", KvFormat.F16 => "f16", _ => "q8_0" };
}
