using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions;

/// <summary>
/// Finds decisions, newest first. Every shape of question walks one index in the order of the answer: no scan, no sort, no count. Times become places in the
/// log first; what a person may see is looked up rollout by rollout and merged, because one query over several would have to sort.
/// </summary>
public sealed class DecisionSearch(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, TimeProvider time)
{
    private const int Chunk = 500;
    private static readonly Fault WrongAfter = Fault.Invalid("field.invalid", "after must be the 'next' of an earlier page.", "after");
    private static readonly Dictionary<string, Outcome> Outcomes = Enum.GetValues<Outcome>().ToDictionary(DecisionWire.Word);

    /// <summary>The wire words of an outcome.</summary>
    public static IReadOnlyCollection<string> OutcomeWords => Outcomes.Keys;

    public async Task<Result<Wire.Page<DecisionView>>> SearchAsync(PersonCaller me, DecisionFilter filter, string? after, int limit, string baseUrl, CancellationToken ct)
    {
        if (filter.Outcome is { } word && !Outcomes.ContainsKey(word)) return Fault.Invalid("field.invalid", $"outcome must be one of: {string.Join(", ", Outcomes.Keys)}.", "outcome");
        var state = writer.State;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (filter.Unreported) return await UnreportedAsync(db, me, filter, after, limit, baseUrl, ct);
        var before = long.MaxValue;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return WrongAfter;
        if (Circle(me, filter, state) is not { } circle) return new Wire.Page<DecisionView>([], null);
        var from = filter.From is { } start ? await LogClock.FirstSeqAtAsync(db, start, null, ct) : 0;
        if (filter.To is { } end) before = Math.Min(before, await LogClock.FirstSeqAtAsync(db, end, null, ct));
        List<DecisionRecord> rows = [];
        foreach (var rollout in circle) rows.AddRange(await Query(db, filter, rollout, from, before).Take(limit + 1).ToListAsync(ct));
        if (circle.Count > 1) rows = [.. rows.OrderByDescending(d => d.Seq).Take(limit + 1)];
        return await PageAsync(db, rows, limit, d => d.Seq.ToString(CultureInfo.InvariantCulture), state, baseUrl, ct);
    }

    /// <summary>How many decisions a person would see that are newer than <paramref name="seq"/>, up to <paramref name="most"/>.</summary>
    public async Task<int> NewerAsync(PersonCaller me, DecisionFilter filter, long seq, int most, CancellationToken ct)
    {
        if (filter.Unreported || Circle(me, filter, writer.State) is not { } circle || (filter.Outcome is { } word && !Outcomes.ContainsKey(word))) return 0;
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = 0;
        foreach (var rollout in circle) found += (await Query(db, filter, rollout, seq + 1, long.MaxValue).Select(d => d.Seq).Take(most).ToListAsync(ct)).Count;
        return Math.Min(found, most);
    }

    /// <summary>The same decisions as they stand now, in the order given; for what is on screen.</summary>
    public async Task<IReadOnlyList<DecisionView>> RefreshAsync(PersonCaller me, IReadOnlyList<long> seqs, CancellationToken ct)
    {
        var state = writer.State;
        var visible = Permissions.VisibleRollouts(me.Person, state);
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).ToListAsync(ct);
        if (visible is not null) rows = [.. rows.Where(d => visible.Contains(d.RolloutId))];
        return (await PageAsync(db, [.. rows.OrderByDescending(d => d.Seq)], seqs.Count, d => "", state, "", ct)).Items;
    }

    /// <summary>The agents whose decisions a person may see, by name.</summary>
    public IReadOnlyList<(string Id, string Name)> Agents(PersonCaller me)
    {
        var state = writer.State;
        var visible = Permissions.VisibleRollouts(me.Person, state);
        return [.. state.Agents.Values.Where(a => visible is null || visible.Contains(a.Rollout.Id)).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Select(a => (a.Id, a.Name)).Take(500)];
    }

    /// <summary>One query of a search, within one rollout or (null) within all.</summary>
    internal static IQueryable<DecisionRecord> Query(OpsDbContext db, DecisionFilter filter, string? rollout, long from, long before)
    {
        var query = db.Decisions.AsNoTracking().Where(d => d.Seq < before && d.Seq >= from);
        if (filter.Agent is { } agent) query = query.Where(d => d.AgentId == agent);
        if (filter.Run is { } run) query = query.Where(d => d.RunId == run);
        if (filter.Action?.ToLowerInvariant() is { } action) query = query.Where(d => d.Action == action);
        if (rollout is not null) query = query.Where(d => d.RolloutId == rollout);
        if (filter.Outcome is { } word)
        {
            var outcome = Outcomes[word];
            query = query.Where(d => d.Outcome == outcome);
            if (outcome != Outcome.Allow) query = query.Where(d => d.Outcome != Outcome.Allow);   // the index's own condition
        }
        if (filter.Live) query = query.Where(d => d.Mode == AskMode.Live);
        if (filter.High is { } high) query = query.Where(d => d.HighConsequence == high);
        return query.OrderByDescending(d => d.Seq);
    }

    /// <summary>One rollout's writes to reconcile, the longest overdue first.</summary>
    internal static IQueryable<DecisionRecord> Unreported(OpsDbContext db, string rollout, DateTimeOffset now, DateTimeOffset dueAfter, long seqAfter)
        => db.Decisions.AsNoTracking().Where(d => d.RolloutId == rollout && d.ReportedAt == null && d.Outcome == Outcome.Allow && d.Mode == AskMode.Live && d.Write)
            .Where(d => d.ValidUntil < now && d.ValidUntil >= dueAfter && (d.ValidUntil > dueAfter || d.Seq > seqAfter))
            .OrderBy(d => d.ValidUntil).ThenBy(d => d.Seq);

    private async Task<Result<Wire.Page<DecisionView>>> UnreportedAsync(OpsDbContext db, PersonCaller me, DecisionFilter filter, string? after, int limit, string baseUrl, CancellationToken ct)
    {
        var state = writer.State;
        var (due, seq) = (DateTimeOffset.UnixEpoch, 0L);
        if (after is not null)
        {
            if (after.Split('-') is not [var micros, var place] || !long.TryParse(micros, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at > Micros.From(DateTimeOffset.MaxValue.AddDays(-1))
                || !long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out seq)) return WrongAfter;
            due = Micros.ToTime(at);
        }
        var now = time.GetUtcNow();
        List<DecisionRecord> rows = [];
        foreach (var rollout in Permissions.OneByOne(Permissions.VisibleRollouts(me.Person, state), filter.Rollout).SelectMany(r => r is null ? state.Rollouts.Keys : [r]))
            rows.AddRange(await UnreportedAsync(db, filter, rollout, now, due, seq, limit + 1, ct));
        rows = [.. rows.OrderBy(d => d.ValidUntil).ThenBy(d => d.Seq).Take(limit + 1)];
        return await PageAsync(db, rows, limit, d => string.Create(CultureInfo.InvariantCulture, $"{Micros.From(d.ValidUntil!.Value)}-{d.Seq}"), state, baseUrl, ct);
    }

    private static async Task<List<DecisionRecord>> UnreportedAsync(OpsDbContext db, DecisionFilter filter, string rollout, DateTimeOffset now, DateTimeOffset due, long seq, int most, CancellationToken ct)
    {
        List<DecisionRecord> rows = [];
        for (var take = most; ; take = Chunk)
        {
            var found = await Unreported(db, rollout, now, due, seq).Take(take).ToListAsync(ct);
            rows.AddRange(found.Where(d => Fits(d, filter)));
            if (found.Count < take || rows.Count >= most) return rows;
            (due, seq) = (found[^1].ValidUntil!.Value, found[^1].Seq);
        }
    }

    // In memory: the index of what is unreported is short, and leaving it would mean to sort.
    private static bool Fits(DecisionRecord d, DecisionFilter filter)
        => (filter.Agent is null || d.AgentId == filter.Agent) && (filter.Run is null || d.RunId == filter.Run)
        && (filter.Action is null || d.Action.Equals(filter.Action, StringComparison.OrdinalIgnoreCase)) && (filter.Outcome is null || d.Outcome == Outcomes[filter.Outcome])
        && (filter.High is null || d.HighConsequence == filter.High) && (filter.From is null || d.At >= filter.From) && (filter.To is null || d.At < filter.To);

    /// <summary>The rollouts to look through: one entry null for all of them at once; null when nothing can be seen.</summary>
    private static IReadOnlyList<string?>? Circle(PersonCaller me, DecisionFilter filter, ConsoleState state)
    {
        var visible = Permissions.VisibleRollouts(me.Person, state);
        if (filter.Agent is { } agentId)
        {
            // An agent belongs to one rollout, so its index alone finds them.
            if (!state.Agents.TryGetValue(agentId, out var agent) || (visible is not null && !visible.Contains(agent.Rollout.Id)) || (filter.Rollout is { } wanted && wanted != agent.Rollout.Id)) return null;
            return [null];
        }
        return Permissions.OneByOne(visible, filter.Rollout) is { Count: > 0 } circle ? circle : null;
    }

    internal static async Task<Wire.Page<DecisionView>> PageAsync(OpsDbContext db, List<DecisionRecord> rows, int limit, Func<DecisionRecord, string> key, ConsoleState state, string baseUrl, CancellationToken ct)
    {
        var seqs = rows.Take(limit).Select(d => d.Seq).ToList();
        var approvals = await db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToDictionaryAsync(a => a.Seq, ct);
        return Wire.PageOf(rows, limit, key, d => DecisionView.Of(d, approvals.GetValueOrDefault(d.Seq), state, baseUrl));
    }
}
