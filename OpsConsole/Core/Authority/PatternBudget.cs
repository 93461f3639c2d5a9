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
    private long _used;

    /// <summary>Once spent, spent for good.</summary>
    public bool IsSpent => _used >= limit;

    /// <summary>The whole limit once more, unless it was spent before.</summary>
    public void Renew()
    {
        if (!IsSpent) _used = 0;
    }

    internal long Start() => clock();
    internal void Charge(long start) => _used += clock() - start;
}
