namespace OpsConsole.Core.Authority;

/// <summary>
/// How long all patterns (<c>matches</c>) of one ask may take together; what is asked after that is unknown. Text and pattern come from others: without a limit hostile ones would keep everybody waiting.
/// A match that has begun is finished, and its answer counts: how long one can take is bounded by <see cref="PatternSize"/> and <see cref="ScalarTest.MaxPatternText"/>.
/// One ask is looked at by one thread at a time.
/// </summary>
/// <param name="clock">Counts ticks: Core reads no clock itself.</param>
/// <param name="limit">In ticks of <paramref name="clock"/>.</param>
public sealed class PatternBudget(Func<long> clock, long limit)
{
    internal const long Free = 50_000;
    private long _used;

    /// <summary>Once spent, spent for good.</summary>
    public bool IsSpent => _used >= limit;

    /// <summary>The whole limit once more, unless it was spent before.</summary>
    public void Renew()
    {
        if (!IsSpent) _used = 0;
    }

    internal long Start() => clock();
    /// <summary>Charges what a match took since <paramref name="start"/>, yet never more than pattern and text can be worth: a thread that loses the processor in a small match is no reason to know less.</summary>
    /// <param name="work">Size of the pattern × characters of the text. Asks with less than <see cref="Free"/> in all never run out, whatever else the machine does.</param>
    internal void Charge(long start, long work) => _used += Math.Min(clock() - start, limit * work / Free + 1);
}
