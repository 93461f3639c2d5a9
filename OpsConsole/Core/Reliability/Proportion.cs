namespace OpsConsole.Core.Reliability;

/// <summary>From where to where; both ends belong to it.</summary>
/// <param name="Low">Never above <paramref name="High"/>.</param>
/// <param name="High">In the same unit.</param>
public readonly record struct Interval(double Low, double High);

/// <summary>So many of so many, with what the number can bear: a small sample is said, not hidden.</summary>
public readonly record struct Proportion
{
    /// <summary>The standard normal quantile of a two-sided interval at 95 %, as numbers.md has it.</summary>
    public const double Z95 = 1.959964;

    /// <summary>k of n.</summary>
    /// <param name="k">How many are counted, from 0 to <paramref name="n"/>.</param>
    /// <param name="n">Out of how many; 0 is a proportion without a rate.</param>
    /// <exception cref="ArgumentException">A count is negative, or more are counted than there are.</exception>
    public Proportion(long k, long n)
    {
        if (k < 0 || k > n) throw new ArgumentException($"{k} of {n} is no proportion: the first count lies between 0 and the second.");
        (K, N) = (k, n);
    }

    /// <summary>How many are counted.</summary>
    public long K { get; }
    /// <summary>Out of how many.</summary>
    public long N { get; }

    /// <summary>K / N, from 0 to 1. Null where N is 0: not 0 %, but no answer.</summary>
    public double? Rate => N == 0 ? null : (double)K / N;

    /// <summary>
    /// Wilson's score interval (Wilson 1927): (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n). Inside 0 to 1, around the rate; null where N is 0.
    /// </summary>
    /// <param name="z">The normal quantile, from 0 to 40: 1.959964 for 95 %.</param>
    public Interval? Wilson(double z = Z95)
    {
        double n = N, p = K / n, zz = Sound(z) * z;
        if (N == 0) return null;
        var centre = p + zz / (2 * n);
        var half = z * Math.Sqrt(p * (1 - p) / n + zz / (4 * n * n));
        var whole = 1 + zz / n;
        // The ends that are 0 and 1 by the formula, and the rate between the ends, whatever the rounding.
        return new(K == 0 ? 0 : Math.Clamp((centre - half) / whole, 0, p), K == N ? 1 : Math.Clamp((centre + half) / whole, p, 1));
    }

    /// <summary>
    /// The fewest trials, all of them successes, whose Wilson lower bound reaches <paramref name="bound"/>: that bound is n / (n + z²), so n ≥ z² · b / (1 − b), and 1 at least. 73 for .95.
    /// </summary>
    /// <param name="bound">From 0, below 1: no number of trials proves that nothing ever fails.</param>
    /// <param name="z">As for <see cref="Wilson"/>.</param>
    public static long FewestAllSuccess(double bound, double z = Z95)
    {
        if (!(bound >= 0 && bound < 1)) throw new ArgumentException("A lower bound that can be reached lies from 0 to below 1.", nameof(bound));
        return Math.Max(1, (long)Math.Ceiling(Sound(z) * z * bound / (1 - bound)));
    }

    /// <summary>The most failures among <paramref name="n"/> trials with which the Wilson lower bound of the successes still reaches <paramref name="bound"/>. Null: not even without any.</summary>
    public static long? MostFailures(long n, double bound, double z = Z95)
    {
        if (!Reaches(0)) return null;
        long most = 0, tooMany = n + 1;   // the bound falls with every failure
        while (tooMany - most > 1)
        {
            var middle = most + (tooMany - most) / 2;
            if (Reaches(middle)) most = middle;
            else tooMany = middle;
        }
        return most;

        bool Reaches(long failures) => new Proportion(n - failures, n).Wilson(z)?.Low >= bound;
    }

    /// <summary>A normal quantile that means anything: past 40 no probability is left.</summary>
    internal static double Sound(double z) => z is >= 0 and <= 40 ? z : throw new ArgumentException("A normal quantile z lies from 0 to 40.", nameof(z));
}
