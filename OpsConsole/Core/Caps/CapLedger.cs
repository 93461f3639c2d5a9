namespace OpsConsole.Core.Caps;

/// <summary>
/// What has been used of every cap, in memory: reserve at the ask, settle at the report. Not thread-safe: the durable writer owns it, and writes
/// <see cref="Dirty"/> in the same transaction as the decisions. A window must be <see cref="Load"/>ed before it is asked about.
/// </summary>
public sealed class CapLedger
{
    private readonly Dictionary<CapWindow, long> _used = [];
    private readonly Dictionary<CapWindow, long> _before = [];

    public bool Knows(CapWindow window) => _used.ContainsKey(window);
    public long Used(CapWindow window) => _used.GetValueOrDefault(window);
    public void Load(CapWindow window, long used) => _used[window] = used;

    /// <summary>Counters changed since the last <see cref="Committed"/>.</summary>
    public IEnumerable<KeyValuePair<CapWindow, long>> Dirty => _before.Keys.Select(w => KeyValuePair.Create(w, _used[w]));
    public bool HasDirty => _before.Count > 0;

    /// <summary>Reserves under all limits or under none. Returns the first limit that would be exceeded, or null.</summary>
    public CapLimit? TryReserve(string agentId, CapSpec caps, string? runId, DateTimeOffset at, TimeZoneInfo zone, long usd, long tokens)
    {
        foreach (var limit in caps.Limits)
        {
            if (CapWindow.At(agentId, limit, runId, at, zone) is not { } window) continue;
            var asked = Amount(limit.Unit, usd, tokens);
            // Full means full: an ask that costs nothing is refused as well once a budget is used up.
            if (Sum(Used(window), asked) > limit.Limit || (limit.Unit != CapUnit.Decisions && Used(window) >= limit.Limit)) return limit;
        }
        Add(agentId, caps, runId, at, zone, usd, tokens, 1);
        return null;
    }

    /// <summary>Adds to (or, negative, takes from) the windows that <paramref name="at"/> fell into: settling, releasing.</summary>
    public void Add(string agentId, CapSpec caps, string? runId, DateTimeOffset at, TimeZoneInfo zone, long usd, long tokens, long decisions)
    {
        foreach (var limit in caps.Limits)
        {
            if (CapWindow.At(agentId, limit, runId, at, zone) is not { } window) continue;
            var delta = limit.Unit == CapUnit.Decisions ? decisions : Amount(limit.Unit, usd, tokens);
            if (delta == 0) continue;
            _before.TryAdd(window, Used(window));
            _used[window] = (long)Int128.Clamp(Sum(Used(window), delta), 0, long.MaxValue);
        }
    }

    // An agent says what it costs, and may say anything: a sum that wrapped around would be an empty counter.
    private static Int128 Sum(long used, long delta) => (Int128)used + delta;

    private static long Amount(CapUnit unit, long usd, long tokens) => unit switch { CapUnit.Usd => usd, CapUnit.Tokens => tokens, _ => 1 };

    public void Committed()
    {
        _before.Clear();
        if (_used.Count > 100_000) _used.Clear();   // old windows; what is still needed is loaded again
    }

    /// <summary>The transaction did not happen: everything is as it was.</summary>
    public void RolledBack()
    {
        foreach (var (window, used) in _before) _used[window] = used;
        _before.Clear();
    }

    /// <summary>Another instance wrote, or the state of the database is unknown: load everything again when it is needed.</summary>
    public void Forget()
    {
        _used.Clear();
        _before.Clear();
    }
}
