namespace OpsConsole.Core.Reliability;

/// <summary>What a sequential test says after so many runs.</summary>
public enum SprtVerdict { Continue, Accept, Reject }

/// <summary>
/// Wald's sequential probability ratio test of a share of failures (Wald 1947): it may be looked at after every run, and ends when a boundary is reached for the first time.
/// With k = ln[p2(1−p1)/(p1(1−p2))]: h1 = ln((1−α)/β)/k, h2 = ln((1−β)/α)/k, s = ln((1−p1)/(1−p2))/k; accepted at failures ≤ −h1 + s·n, rejected at failures ≥ h2 + s·n.
/// </summary>
public sealed record Sprt
{
    /// <summary>A test with its boundaries.</summary>
    /// <param name="p1">The share of failures that is good enough, above 0.</param>
    /// <param name="p2">The share that is not, above <paramref name="p1"/>, below 1.</param>
    /// <param name="alpha">How often p1 may be rejected.</param>
    /// <param name="beta">How often p2 may be accepted; with α it stays below 1.</param>
    /// <exception cref="ArgumentException">Not 0 &lt; p1 &lt; p2 &lt; 1, or α and β are not above 0 with a sum below 1.</exception>
    public Sprt(double p1, double p2, double alpha, double beta)
    {
        if (!(p1 > 0 && p1 < p2 && p2 < 1)) throw new ArgumentException("A sequential test needs two shares of failures, 0 < p1 < p2 < 1.");
        if (!(alpha > 0 && beta > 0 && alpha + beta < 1)) throw new ArgumentException("The errors of a sequential test are above 0, and less than 1 together.");
        (P1, P2, Alpha, Beta) = (p1, p2, alpha, beta);
        K = Math.Log(p2 * (1 - p1) / (p1 * (1 - p2)));
        H1 = Math.Log((1 - alpha) / beta) / K;
        H2 = Math.Log((1 - beta) / alpha) / K;
        S = Math.Log((1 - p1) / (1 - p2)) / K;
    }

    /// <summary>The share of failures that is good enough.</summary>
    public double P1 { get; }
    /// <summary>The share of failures that is not.</summary>
    public double P2 { get; }
    /// <summary>How often p1 may be rejected.</summary>
    public double Alpha { get; }
    /// <summary>How often p2 may be accepted.</summary>
    public double Beta { get; }
    /// <summary>The log odds ratio of both shares.</summary>
    public double K { get; }
    /// <summary>How far below s·n the acceptance line lies, in failures.</summary>
    public double H1 { get; }
    /// <summary>How far above s·n the rejection line lies, in failures.</summary>
    public double H2 { get; }
    /// <summary>The slope of both lines, in failures per run.</summary>
    public double S { get; }

    /// <summary>Accepted at so many failures or fewer after <paramref name="n"/> runs; negative while nothing can be accepted yet.</summary>
    public double AcceptAt(long n) => -H1 + S * n;

    /// <summary>Rejected at so many failures or more after <paramref name="n"/> runs.</summary>
    public double RejectAt(long n) => H2 + S * n;

    /// <summary>Where the counts stand, as if they were looked at for the first time. A test that ended before stays ended: ask <see cref="Of"/>.</summary>
    public SprtVerdict At(Proportion failures) => failures.K <= AcceptAt(failures.N) ? SprtVerdict.Accept : failures.K >= RejectAt(failures.N) ? SprtVerdict.Reject : SprtVerdict.Continue;

    /// <summary>The runs in their order (true: it failed) up to the one that ended the test; what came afterwards changes nothing.</summary>
    /// <returns>The verdict, and the failures among the runs that it rests on: all of them while it goes on.</returns>
    public (SprtVerdict Verdict, Proportion Failures) Of(IEnumerable<bool> failed)
    {
        var failures = new Proportion(0, 0);
        foreach (var bad in failed)
        {
            failures = new(failures.K + (bad ? 1 : 0), failures.N + 1);
            if (At(failures) is not SprtVerdict.Continue and var verdict) return (verdict, failures);
        }
        return (SprtVerdict.Continue, failures);
    }

    /// <summary>How many more runs until acceptance if none of them fails: 0 where it is accepted, null where it is rejected.</summary>
    public long? CleanRunsToAccept(Proportion failures)
    {
        if (At(failures) == SprtVerdict.Reject) return null;
        var more = Math.Max(0, (long)Math.Ceiling((failures.K + H1) / S) - failures.N);
        // The division may be off by a rounding from what the comparison says.
        while (more > 0 && failures.K <= AcceptAt(failures.N + more - 1)) more--;
        while (failures.K > AcceptAt(failures.N + more)) more++;
        return more;
    }
}
