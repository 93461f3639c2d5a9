namespace OpsConsole.Core.Reliability;

/// <summary>One point of an exponentially weighted chart.</summary>
/// <param name="Value">z, the weighted mean up to here, in the unit of what is measured.</param>
/// <param name="Limits">What it may be at this place.</param>
/// <param name="Out">Whether it is outside of them.</param>
public sealed record EwmaPoint(double Value, Interval Limits, bool Out);

/// <summary>The control chart of a level, which remembers: it finds small lasting shifts (NIST/SEMATECH e-Handbook 6.3.2.4; numbers.md, 'drift of a level').</summary>
public static class Ewma
{
    /// <summary>λ: NIST advises 0.2 to 0.3.</summary>
    public const double UsualLambda = 0.2;
    /// <summary>L: limits at three standard deviations.</summary>
    public const double UsualWidth = 3;

    /// <summary>
    /// zᵢ = λxᵢ + (1−λ)zᵢ₋₁ from z₀ = centre; limits centre ± L·σ·√(λ/(2−λ)·(1−(1−λ)^(2i))), exact for every i rather than what they tend to. No values, no points.
    /// </summary>
    /// <param name="values">In their order, finite.</param>
    /// <param name="centre">Of the baseline, in the unit of the values.</param>
    /// <param name="sigma">The standard deviation of one value in the baseline, above 0: a level that never varied has no chart.</param>
    /// <param name="lambda">The weight of the newest value, above 0, at most 1 (then it is a plain chart of the values).</param>
    /// <param name="width">L, in standard deviations, above 0.</param>
    /// <exception cref="ArgumentException">A number is outside of what it may be.</exception>
    public static IReadOnlyList<EwmaPoint> Of(IEnumerable<double> values, double centre, double sigma, double lambda = UsualLambda, double width = UsualWidth)
    {
        if (!double.IsFinite(centre)) throw new ArgumentException("The centre is a finite number.", nameof(centre));
        if (!(sigma > 0) || double.IsInfinity(sigma)) throw new ArgumentException("The standard deviation is a finite number above 0.", nameof(sigma));
        if (!(lambda > 0 && lambda <= 1)) throw new ArgumentException("λ lies above 0 and is at most 1.", nameof(lambda));
        if (!(width > 0) || double.IsInfinity(width)) throw new ArgumentException("The width of the limits is a finite number above 0.", nameof(width));
        List<EwmaPoint> points = [];
        var z = centre;
        foreach (var x in values)
        {
            if (!double.IsFinite(x)) throw new ArgumentException("A value of the chart is a finite number.", nameof(values));
            z = lambda * x + (1 - lambda) * z;
            var half = width * sigma * Math.Sqrt(lambda / (2 - lambda) * (1 - Math.Pow(1 - lambda, 2 * (points.Count + 1))));
            points.Add(new(z, new(centre - half, centre + half), z < centre - half || z > centre + half));
        }
        return points;
    }
}
