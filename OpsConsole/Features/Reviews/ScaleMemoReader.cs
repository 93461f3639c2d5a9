using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Incidents;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Rollouts;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reviews;

/// <summary>Reads scale memos, for whoever sees the rollout.</summary>
public sealed class ScaleMemoReader
{
    /// <summary>Signalled when a memo is written, submitted or decided.</summary>
    public const string Topic = "memos";
    private const int MostListed = 200;
    private readonly DurableWriter _writer;
    private readonly IDbContextFactory<OpsDbContext> _factory;
    private readonly MemoGatherer _gatherer;
    private readonly EvidenceReader _evidence;
    private readonly ReliabilityReader _figures;

    internal ScaleMemoReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, MemoGatherer gatherer, EvidenceReader evidence, ReliabilityReader figures) => (_writer, _factory, _gatherer, _evidence, _figures) = (writer, factory, gatherer, evidence, figures);

    /// <summary>Faults: not found, <c>evidence.moved</c>.</summary>
    public async Task<Result<MemoSeries>> SeriesAsync(PersonCaller me, string rolloutId, CancellationToken ct)
    {
        var state = _writer.State;
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var read = await _evidence.OfAsync(rolloutId, ct);
        if (read.Fault is { } fault) return fault;
        await using var db = await _factory.CreateDbContextAsync(ct);
        var memos = await db.ScaleMemos.AsNoTracking().Where(m => m.RolloutId == rolloutId).OrderByDescending(m => m.DraftedAt).ThenByDescending(m => m.Id).Take(MostListed)
            .Select(m => new { m.Id, m.State, m.Texts, m.FirstWeek, m.LastWeek, m.DraftedBy, m.DraftedAt, m.SubmittedAt, m.Signed, m.Ended }).ToListAsync(ct);
        var cycle = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => r.CycleWeeks).SingleAsync(ct);
        return new MemoSeries(rolloutId, rollout.Name, cycle, [.. memos.Select(m => new MemoLine(m.Id, Word(m.State), m.Texts.GetValueOrDefault("ask", ""), Week(m.FirstWeek), Week(m.LastWeek), Named(m.DraftedBy, state), m.DraftedAt, m.SubmittedAt,
            m.Signed is { } s ? Named(s.By, state) : null, m.Signed?.At, m.State == MemoState.Approved && m.Ended is null))], memos.FirstOrDefault(m => m.State is MemoState.Draft or MemoState.Submitted)?.Id,
            read.Value.Reviews is { } reviews ? reviews.Lacks : "no weekly review was ever opened", !rollout.Archived && Permissions.MayWrite(state.Directory.People[me.Id], rollout));
    }

    /// <summary>Faults: not found, <c>evidence.moved</c>.</summary>
    public async Task<Result<ScaleMemoView>> FindAsync(PersonCaller me, string rolloutId, string id, CancellationToken ct)
    {
        var state = _writer.State;
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await _factory.CreateDbContextAsync(ct);
        if (await db.ScaleMemos.AsNoTracking().SingleOrDefaultAsync(m => m.RolloutId == rolloutId && m.Id == id, ct) is not { } memo) return Fault.NotFound("memo");
        // A draft is looked at as things are; so is one that waits, to say what has changed. Of one that is decided nothing is compared any more.
        MemoEvidence? now = null;
        if (memo.Open || memo.Evidence is null)
        {
            var gathered = await _gatherer.OfAsync(rolloutId, ct);
            if (gathered.Fault is { } fault) return fault;
            now = gathered.Value;
        }
        var frozen = memo.Evidence is { } json ? JsonSerializer.Deserialize<MemoEvidence>(json, Wire.Json)! : null;
        var evidence = frozen ?? now!;
        IReadOnlyList<WeekDifference> differences = frozen is not null && now is not null ? [.. await LaterAsync(rollout, frozen, ct), .. Differences(frozen, now)] : [];
        IReadOnlyList<MemoBar> bars = [];
        IReadOnlyList<MemoThreshold> changed = frozen?.Moved ?? now!.Moved;
        if (memo.Open)
        {
            var read = await _evidence.OfAsync(rolloutId, ct);
            if (read.Fault is { } moving) return moving;
            bars = MemoRules.Bars(memo.LastWeek, memo.Lacks, read.Value.Reviews, read.Value.ScalingHeldBy);
            if (frozen is not null)
            {
                var own = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => new { r.Thresholds, r.CycleWeeks }).SingleAsync(ct);
                changed = ScaleMemoDesk.Changed(own.Thresholds, own.CycleWeeks, await MemoGatherer.LogAsync(db, rolloutId, ct), frozen, state);
            }
        }
        var person = state.Directory.People[me.Id];
        var decides = person.Active && ConfirmationRules.Memo.May(me.Id, rollout);
        var mine = ScaleMemoDesk.IsOwn(memo.DraftedBy, memo.SubmittedBy, me.Id, rollout);
        var waits = memo.State == MemoState.Submitted;
        return new ScaleMemoView(memo.Id, memo.Version, rolloutId, rollout.Name, Word(memo.State), Named(memo.DraftedBy, state), memo.DraftedAt, memo.SubmittedBy is { } by ? Named(by, state) : null, memo.SubmittedAt, memo.Sha256 is { } sha ? Convert.ToHexStringLower(sha) : null, evidence, differences,
            [.. ScaleMemo.Sections.Select(s => new MemoSectionView(s.Key, s.Title, s.Help, s.Needed, memo.Texts.GetValueOrDefault(s.Key, "")))], bars, changed,
            memo.Signed is { } signed ? new SignedMemoView(ScaleMemoDesk.Word(signed.Verdict), signed.Words, signed.Acknowledged, Named(signed.By, state), signed.At) : null, memo.Ended is { } ended ? new MemoEndingView(ended.Words, Named(ended.By, state), ended.At) : null, memo.Counts,
            memo.State == MemoState.Draft && Permissions.MayWrite(person, rollout), (memo.Open || memo.State == MemoState.Held) && Permissions.MayGovern(person, rollout), waits && decides && !mine, memo.Counts && decides, waits && decides && mine ? ScaleMemoDesk.Own.Message : null,
            [.. EscalationPeople.Active(RolloutRole.ExecSponsor, false, rollout, state.Directory).Concat(EscalationPeople.Active(RolloutRole.ExecSponsor, true, rollout, state.Directory)).Distinct().Where(p => !ScaleMemoDesk.IsOwn(memo.DraftedBy, memo.SubmittedBy, p, rollout)).Select(p => Named(p, state))]);
    }

    /// <summary>Whether somebody sees this memo of this rollout.</summary>
    internal async Task<bool> SeesAsync(PersonCaller me, string rolloutId, string id, CancellationToken ct)
    {
        if (!Sight.Rollout(_writer.State, me, rolloutId).Ok) return false;
        await using var db = await _factory.CreateDbContextAsync(ct);
        return await db.ScaleMemos.AsNoTracking().AnyAsync(m => m.Id == id && m.RolloutId == rolloutId, ct);
    }

    /// <summary>The memos that wait for a person's decision, over all rollouts, the oldest first: what the home page reminds of.</summary>
    public async Task<IReadOnlyList<DueMemo>> DueAsync(PersonCaller me, string? rolloutId, CancellationToken ct)
    {
        var state = _writer.State;
        var mine = state.Rollouts.Values.Where(r => !r.Archived && (rolloutId is null || r.Id == rolloutId) && ConfirmationRules.Memo.May(me.Id, r)).Select(r => r.Id).ToList();
        if (mine.Count == 0) return [];
        await using var db = await _factory.CreateDbContextAsync(ct);
        var waiting = await db.ScaleMemos.AsNoTracking().Where(m => m.State == MemoState.Submitted && mine.Contains(m.RolloutId)).OrderBy(m => m.SubmittedAt).Take(20).Select(m => new { m.Id, m.RolloutId, m.Texts, m.SubmittedAt, m.DraftedBy, m.SubmittedBy }).ToListAsync(ct);
        return [.. waiting.Where(m => !ScaleMemoDesk.IsOwn(m.DraftedBy, m.SubmittedBy, me.Id, state.Rollouts[m.RolloutId])).Select(m => new DueMemo(m.Id, m.RolloutId, state.Rollouts[m.RolloutId].Name, m.Texts.GetValueOrDefault("ask", ""), m.SubmittedAt!.Value))];
    }

    // Figures that came after a week was judged: the weeks stand as they were, and this is what they would be now.
    private async Task<IEnumerable<WeekDifference>> LaterAsync(RolloutAuthority rollout, MemoEvidence frozen, CancellationToken ct)
    {
        var live = await _figures.OfAsync(rollout, new ReliabilityQuery(Grain.Week, frozen.Weeks.Count, frozen.Weeks[^1].Start), ct);
        return !live.Ok ? [] : frozen.Weeks.Where(w => w.Figures is not null).SelectMany(w => live.Value.Periods.FirstOrDefault(p => p.Start == w.Start && p.End == w.End) is { } p ? WeeklyReviewReader.Differences(w.Figures!, p).Select(d => d with { What = $"{w.Week}, {d.What}" }) : []);
    }

    /// <summary>What else is another now than when the memo was submitted.</summary>
    internal static IEnumerable<WeekDifference> Differences(MemoEvidence was, MemoEvidence now)
    {
        if (was.LastWeek != now.LastWeek) yield return new("The present cycle ends with", was.LastWeek, now.LastWeek);
        foreach (var week in was.Weeks)
            if (now.Weeks.FirstOrDefault(w => w.Week == week.Week) is { } w && MemoWords.Week(w) is var state && state != MemoWords.Week(week)) yield return new(week.Week, MemoWords.Week(week), state);
        foreach (var t in was.Thresholds)
            if (now.Thresholds.FirstOrDefault(x => x.Name == t.Name) is { } x && x.AtMost != t.AtMost) yield return new($"Threshold of {t.Words.ToLowerInvariant()}", MemoWords.Value(t.Unit, t.AtMost), MemoWords.Value(x.Unit, x.AtMost));
        foreach (var hold in now.Holds.Where(h => was.Holds.All(o => o.IncidentId != h.IncidentId))) yield return new($"Hold: {hold.Title}", "none", "held");
        foreach (var hold in was.Holds.Where(h => now.Holds.All(o => o.IncidentId != h.IncidentId))) yield return new($"Hold: {hold.Title}", "held", "lifted");
        foreach (var incident in now.Incidents.Where(i => was.Incidents.All(o => o.Id != i.Id))) yield return new($"Incident: {incident.Title}", "not known", incident.Status);
        foreach (var c in was.Criteria)
            if (now.Criteria.FirstOrDefault(x => x.Id == c.Id) is { } x && x.Met != c.Met) yield return new(c.Text, c.Met ? "met" : "unmet", x.Met ? "met" : "unmet");
        if (was.ChangeCount < now.ChangeCount && was.LastWeek == now.LastWeek) yield return new("Changes of guardrails", WeeklyReviewReader.Number(was.ChangeCount), WeeklyReviewReader.Number(now.ChangeCount));
    }

    private static string Word(MemoState state) => state.ToString().ToLowerInvariant();
    private static string? Week(DateOnly? monday) => monday is { } week ? ReviewSchedule.Name(week) : null;
    private static NamedPerson Named(string id, ConsoleState state) => new(id, state.Directory.NameOf(id));
}
