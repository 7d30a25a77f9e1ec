using System.Globalization;
using Rubato.Core;

namespace Rubato.Cli.Commands.LearningRates.Comparing;

/// <summary>Which base rates are tried: the suite's own grid, every second of it, or a list.</summary>
internal sealed record RateGrid(bool Coarse, double[]? Rates)
{
    /// <summary>Reads --rates.</summary>
    /// <exception cref="InvalidOptionException">It is neither the word coarse nor numbers above 0.</exception>
    public static RateGrid Parse(string? text) => text switch
    {
        null or "full" => new(Coarse: false, null),
        "coarse" => new(Coarse: true, null),
        _ => new(Coarse: false, [.. text.Split(',').Select(Rate).Distinct().Order()]),
    };

    /// <summary>The grid in place of <paramref name="standard"/>.</summary>
    public double[] Apply(double[] standard) => Rates ?? (Coarse ? [.. standard.Where((_, i) => i % 2 == 0)] : standard);

    private static double Rate(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0 && double.IsFinite(rate)
            ? rate
            : throw new InvalidOptionException($"--rates {word}: expected full, coarse, or numbers above 0 with commas, such as 0.01,0.03,0.1.");
}
