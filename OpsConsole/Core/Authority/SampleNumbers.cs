namespace OpsConsole.Core.Authority;

/// <summary>Numbers of which one lies at every limit, between every two, and beyond the outermost.</summary>
internal static class SampleNumbers
{
    /// <param name="limits">In order, at least one.</param>
    /// <param name="whole">Whole numbers beside each limit as well.</param>
    public static IEnumerable<double> Around(double[] limits, bool whole)
    {
        yield return Above(limits[^1]);
        yield return Below(limits[0]);
        for (var i = 0; i < limits.Length; i++)
        {
            yield return limits[i];
            if (i + 1 < limits.Length) yield return Between(limits[i], limits[i + 1]);
            if (!whole) continue;
            yield return Math.Floor(limits[i]);
            yield return Math.Ceiling(limits[i]);
            yield return Math.Floor(limits[i]) + 1;
            yield return Math.Ceiling(limits[i]) - 1;
        }
    }

    /// <summary>A number between two others, a whole one where there is one.</summary>
    public static double Between(double low, double high)
    {
        var middle = Math.Floor(low) + 1;
        return middle > low && middle < high ? middle : low + (high - low) / 2;
    }

    // Past 2^53 adding one changes nothing.
    private static double Above(double number) => number + 1 > number ? number + 1 : Math.BitIncrement(number);

    private static double Below(double number) => number - 1 < number ? number - 1 : Math.BitDecrement(number);
}
