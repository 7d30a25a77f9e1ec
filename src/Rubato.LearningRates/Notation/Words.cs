using Rubato.LearningRates.Profiles;
using Rubato.LearningRates.Schedules;

namespace Rubato.LearningRates.Notation;

/// <summary>The words that stand for choices.</summary>
internal static class Words
{
    public static readonly Dictionary<string, IndexConvention> Index = new()
    {
        ["zero"] = IndexConvention.ZeroBased,
        ["one"] = IndexConvention.OneBased,
        ["interior"] = IndexConvention.Interior,
        ["mid"] = IndexConvention.MidPoint,
        ["closed"] = IndexConvention.Closed,
    };

    /// <summary>UBA's own words for two of the conventions, and the common ones for the rest.</summary>
    public static readonly Dictionary<string, IndexConvention> Phases = new(Index)
    {
        ["midpoint"] = IndexConvention.MidPoint,
        ["endpoint"] = IndexConvention.ZeroBased,
    };

    public static readonly Dictionary<string, WarmupShape> Shapes = new()
    {
        ["linear"] = WarmupShape.Linear,
        ["quadratic"] = WarmupShape.Quadratic,
        ["cosine"] = WarmupShape.Cosine,
        ["exponential"] = WarmupShape.Exponential,
    };

    public static readonly Dictionary<string, Cooldown> Cooldowns = new()
    {
        ["linear"] = Cooldown.Linear,
        ["cosine"] = Cooldown.Cosine,
        ["sqrt"] = Cooldown.SquareRoot,
        ["square"] = Cooldown.Square,
    };

    public static string Of(IndexConvention index) => Name(Index, index);

    public static string Of(WarmupShape shape) => Name(Shapes, shape);

    public static string Of(Cooldown cooldown) => Name(Cooldowns, cooldown);

    public static string Phase(IndexConvention index) => index switch
    {
        IndexConvention.MidPoint => "midpoint",
        IndexConvention.ZeroBased => "endpoint",
        _ => Of(index),
    };

    private static string Name<T>(Dictionary<string, T> names, T value)
        where T : struct, Enum => names.First(entry => EqualityComparer<T>.Default.Equals(entry.Value, value)).Key;
}
