namespace Rubato.LearningRates.Refinement;

/// <summary>The same curve with another number of points.</summary>
internal static class Resampling
{
    /// <summary>Straight lines between the points; the first and the last stay where they are.</summary>
    public static double[] Linear(double[] values, int count)
    {
        if (count == values.Length)
        {
            return values;
        }

        var result = new double[count];
        for (var i = 0; i < count; i++)
        {
            var position = count == 1 ? 0 : (double)i * (values.Length - 1) / (count - 1);
            var left = (int)position;
            var share = position - left;
            result[i] = share == 0 ? values[left] : values[left] + (values[left + 1] - values[left]) * share;
        }

        return result;
    }
}
