namespace OpsConsole.Core.Reliability;

/// <summary>The regularised incomplete gamma function and its inverse: what the exact intervals of counts are made of (chi-square with 2a degrees of freedom is 2·gamma(a)).</summary>
public static class IncompleteGamma
{
    private const double Tiny = 1e-300, Small = 1e-16;
    private const int MostSteps = 10_000_000;
    /// <summary>Lanczos' coefficients for g = 7 (Press et al., Numerical Recipes, 6.1; Godfrey 2001).</summary>
    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>ln Γ(a) for a ≥ ½, to about fifteen digits.</summary>
    public static double LogGamma(double a)
    {
        if (!(a >= 0.5) || double.IsInfinity(a)) throw new ArgumentException("ln Γ is computed for finite numbers of ½ or more.", nameof(a));
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++) sum += Lanczos[i] / (a - 1 + i);
        var t = a + 6.5;
        return 0.5 * Math.Log(2 * Math.PI) + (a - 0.5) * Math.Log(t) - t + Math.Log(sum);
    }

    /// <summary>
    /// P(a, x) = γ(a, x)/Γ(a), from 0 to 1: the probability that a gamma variable of shape a and scale 1 is at most x. By its series below a + 1, by Lentz's continued fraction above (Numerical Recipes, 6.2).
    /// </summary>
    /// <param name="a">The shape, ½ or more.</param>
    /// <param name="x">0 or more.</param>
    public static double P(double a, double x)
    {
        if (!(x >= 0) || double.IsInfinity(x)) throw new ArgumentException("P(a, x) is asked for a finite x of 0 or more.", nameof(x));
        if (x == 0) return 0;
        var front = Math.Exp(a * Math.Log(x) - x - LogGamma(a));
        return x < a + 1 ? Math.Min(1, front * Series(a, x)) : Math.Max(0, 1 - front * Fraction(a, x));
    }

    /// <summary>The x with P(a, x) = p: Newton's steps, kept inside a bracket that is halved where a step would leave it.</summary>
    /// <param name="a">The shape, ½ or more.</param>
    /// <param name="p">Above 0, below 1.</param>
    public static double Quantile(double a, double p)
    {
        if (!(p > 0 && p < 1)) throw new ArgumentException("A quantile is asked for a probability above 0 and below 1.", nameof(p));
        double low = 0, high = a + 10 * Math.Sqrt(a) + 10;
        while (P(a, high) < p) high *= 2;
        var (x, logGamma) = (a, LogGamma(a));
        for (var i = 0; i < 200; i++)
        {
            var off = P(a, x) - p;
            if (off < 0) low = x;
            else high = x;
            var next = x - off / Math.Exp((a - 1) * Math.Log(x) - x - logGamma);
            if (!(next > low && next < high)) next = (low + high) / 2;
            if (Math.Abs(next - x) <= 1e-15 * x) return next;
            x = next;
        }
        return x;
    }

    private static double Series(double a, double x)
    {
        double term = 1 / a, sum = term;
        for (var n = 1; n < MostSteps && term > sum * Small; n++)
        {
            term *= x / (a + n);
            sum += term;
        }
        return sum;
    }

    private static double Fraction(double a, double x)
    {
        double b = x + 1 - a, c = 1 / Tiny, d = 1 / b, product = d;
        for (var i = 1; i < MostSteps; i++)
        {
            var factor = -i * (i - a);
            b += 2;
            d = factor * d + b;
            if (Math.Abs(d) < Tiny) d = Tiny;
            c = b + factor / c;
            if (Math.Abs(c) < Tiny) c = Tiny;
            d = 1 / d;
            product *= d * c;
            if (Math.Abs(d * c - 1) < 1e-15) break;
        }
        return product;
    }
}
