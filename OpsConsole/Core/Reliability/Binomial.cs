namespace OpsConsole.Core.Reliability;

/// <summary>How likely so many of so many are by chance alone, exactly: where the normal curve behind limits at three standard deviations does not fit because there are few cases.</summary>
public static class Binomial
{
    /// <summary>The chance of a point beyond one of two limits at three standard deviations, where the normal curve does fit: 1 of 741.</summary>
    public const double BeyondThreeSigma = 0.0013499;

    /// <summary>P(X ≥ k) of n cases that are each bad with p; 1 for k ≤ 0.</summary>
    /// <param name="p">From 0 to 1.</param>
    public static double AtLeast(long k, long n, double p) => k <= 0 ? 1 : k > n ? 0 : AtMost(n - k, n, 1 - p);

    /// <summary>P(X ≤ k) of n cases that are each bad with p; 1 for k ≥ n.</summary>
    /// <param name="p">From 0 to 1.</param>
    /// <exception cref="ArgumentException">n is negative, or p is none.</exception>
    public static double AtMost(long k, long n, double p)
    {
        if (n < 0 || !(p >= 0 && p <= 1)) throw new ArgumentException("A binomial tail needs n of at least 0 and p from 0 to 1.");
        if (k < 0) return 0;
        if (k >= n || p == 0) return 1;
        if (p == 1) return 0;
        // The logarithm of each term out of the one before: (n − i + 1)/i · p/(1 − p).
        var (log, odds, sum) = (n * Math.Log(1 - p), Math.Log(p / (1 - p)), 0.0);
        for (var i = 0L; ; i++)
        {
            sum += Math.Exp(log);
            if (i == k) return Math.Min(1, sum);
            log += Math.Log((double)(n - i) / (i + 1)) + odds;
        }
    }
}
