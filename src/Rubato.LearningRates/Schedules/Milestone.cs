using System.Globalization;
using Rubato.Core;

namespace Rubato.LearningRates.Schedules;

/// <summary>Shares of the budget at which something changes.</summary>
internal static class Milestone
{
    public static void Require(string owner, ValueList<double> milestones)
    {
        if (milestones.Items.Length == 0)
        {
            throw new InvalidOptionException($"{owner}: give at least one milestone, such as 50-75.");
        }

        var previous = 0.0;
        foreach (var milestone in milestones.Items)
        {
            if (!(milestone > previous && milestone < 1))
            {
                throw new InvalidOptionException(string.Create(
                    CultureInfo.InvariantCulture, $"{owner}: milestone {100 * milestone:0.###}% must lie above {100 * previous:0.###}% and below 100%."));
            }

            previous = milestone;
        }
    }

    /// <summary>How many milestones lie at or before <paramref name="progress"/>.</summary>
    public static int Passed(ReadOnlySpan<double> milestones, double progress)
    {
        var passed = 0;
        while (passed < milestones.Length && milestones[passed] <= progress)
        {
            passed++;
        }

        return passed;
    }
}
