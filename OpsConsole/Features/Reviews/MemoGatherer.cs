using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Reviews;

/// <summary>Gathers what a scale memo rests on, in bounded queries and outside the writer: the weeks that gate D judges now, or the last that could be reviewed where none is signed.</summary>
internal sealed class MemoGatherer(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, EvidenceReader evidence)
{
    private const string Created = "rollout.created", Changed = "rollout.changed";

    /// <summary>Faults: not found, <c>evidence.moved</c>.</summary>
    public async Task<Result<MemoEvidence>> OfAsync(string rolloutId, CancellationToken ct)
    {
        var read = await evidence.OfAsync(rolloutId, ct);
        if (read.Fault is { } fault) return fault;
        var (e, state, now) = (read.Value, writer.State, writer.Now);
        var rollout = e.Rollout;
        await using var db = await factory.CreateDbContextAsync(ct);
        var own = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => new { r.Thresholds, r.CycleWeeks, r.ReviewSchedule, r.PublishedVersion }).SingleAsync(ct);
        var last = e.Reviews?.LastSigned?.Week ?? (own.ReviewSchedule ?? ReviewSchedule.Default).LastOpen(now, rollout.Zone);
        var first = last.AddDays(-7 * (own.CycleWeeks - 1));
        var (start, end) = (Periods.DayStart(first, rollout.Zone), Periods.DayStart(last.AddDays(7), rollout.Zone));
        var reviews = await db.WeeklyReviews.AsNoTracking().Where(r => r.RolloutId == rolloutId && r.Week >= first && r.Week <= last).ToDictionaryAsync(r => r.Week, ct);
        List<MemoWeek> weeks = [.. Enumerable.Range(0, own.CycleWeeks).Select(i => first.AddDays(7 * i)).Select(w => Week(w, reviews.GetValueOrDefault(w), rollout.Zone, state))];
        var frozen = reviews.Values.Select(r => (Review: r, Evidence: WeeklyReviewDesk.Evidence(r))).ToList();
        var thresholds = ThresholdHistory.Of(own.Thresholds, own.CycleWeeks, await LogAsync(db, rolloutId, ct), start, [.. frozen.Select(f => new FrozenThresholds(f.Review.OpenedAt, f.Evidence.Thresholds.ToDictionary(t => t.Name, t => t.AtMost)))]);
        var records = await db.Gates.AsNoTracking().Where(g => g.RolloutId == rolloutId).ToListAsync(ct);
        var firstSeq = await LogClock.FirstSeqAtAsync(db, start, null, ct);
        var changes = await WeekGatherer.ChangesAsync(db, rolloutId, firstSeq, state, ct);
        var (executed, cost) = (weeks.Sum(w => w.Figures?.Executed ?? 0), weeks.Sum(w => w.Figures?.CostUsd ?? 0));
        return new MemoEvidence(rollout.Zone.Id, own.CycleWeeks, weeks[0].Week, weeks[^1].Week, start, end, e.Reviews is { } cycle ? cycle.Lacks : "no weekly review was ever opened", weeks,
            [.. Thresholds.Of(own.Thresholds).Select(t => Figure(t, weeks))], [.. thresholds.Select(t => Named(t, state))], await HoldsAsync(db, rolloutId, ct),
            [.. Gates.Criteria(Gate.D, e, records).Where(c => c.Id != ConfirmationRules.Memo.Subject).Select(c => new MemoCriterion(c.Id, c.Text, c.Met, c.Evidence, c.Waived, $"/rollouts/{rolloutId}{(c.Place.Length == 0 || c.Place[0] == '#' ? "" : "/")}{c.Place}"))],
            await WeekGatherer.IncidentsAsync(db, rolloutId, start, end, ct), changes.Count, changes.Lines, await WeekGatherer.OpenAsync(db, rolloutId, rollout.Zone, state, now, ct), weeks.Sum(w => w.Figures?.Asked ?? 0), executed, cost, executed == 0 ? null : Math.Round(cost / executed, 6),
            frozen.Sum(f => f.Evidence.AlertCount), e.Sheet("canvas").Text("output"), e.Sheet("canvas").Text("target"), own.PublishedVersion);
    }

    /// <summary>What was set when, out of the log, oldest first. A handful of entries: also read inside the writer.</summary>
    internal static async Task<IReadOnlyList<ThresholdEntry>> LogAsync(OpsDbContext db, string rolloutId, CancellationToken ct)
    {
        var entries = await db.Audit.AsNoTracking().Where(a => a.Event != RowRules.AskedEvent && a.Object == rolloutId && (a.Event == Changed || a.Event == Created)).OrderBy(a => a.Seq).Select(a => new { a.Seq, a.Leaf }).ToListAsync(ct);
        List<(LogEvent Entry, bool Sets)> all = [];
        foreach (var entry in entries)
        {
            if (LogEvent.Of(entry.Seq, entry.Leaf, null) is not { Details.ValueKind: JsonValueKind.Object } read) continue;
            var sets = read.Event == Created || (read.Details.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Array && fields.EnumerateArray().Any(f => f.ValueKind == JsonValueKind.String && f.GetString() == "thresholds"));
            if (sets || read.Number(ThresholdHistory.Cycle) is not null) all.Add((read, sets));
        }
        var seqs = all.Where(a => a.Sets).Select(a => a.Entry.Seq).ToList();
        var payloads = await db.Payloads.AsNoTracking().Where(p => seqs.Contains(p.Seq)).ToDictionaryAsync(p => p.Seq, p => p.Body, ct);
        return [.. all.Select(a =>
        {
            var set = SaidIn(payloads.GetValueOrDefault(a.Entry.Seq));
            var by = a.Entry.Actor.Split(':', 2) is ["person", var person] ? person : Actor.System.Id;
            // What a rollout began with is on the log only where it was copied; an old copy says nothing of it.
            return new ThresholdEntry(a.Entry.At, by, a.Sets && (a.Entry.Event == Changed || set.Said), set.Own, a.Entry.Event == Changed && !set.Said, (int?)a.Entry.Number(ThresholdHistory.Cycle));
        })];
    }

    private static (bool Said, string? Own) SaidIn(string? payload)
    {
        if (payload is null) return default;
        using var json = JsonDocument.Parse(payload);
        return json.RootElement.TryGetProperty("thresholds", out var set) && set.ValueKind == JsonValueKind.String ? (true, set.GetString() is { Length: > 0 } own ? own : null) : default;
    }

    internal static async Task<IReadOnlyList<MemoHold>> HoldsAsync(OpsDbContext db, string rolloutId, CancellationToken ct)
        => [.. (await db.Incidents.AsNoTracking().Where(i => i.RolloutId == rolloutId && i.HoldsScaling && i.Status <= IncidentStatus.Closed).OrderBy(i => i.Seq).ToListAsync(ct)).Select(i => new MemoHold(i.Id, i.Title, SeveritySpec.Of(i.Severity).Title, i.Status.ToString().ToLowerInvariant(), i.Times.Detected))];

    private static MemoWeek Week(DateOnly week, WeeklyReview? review, TimeZoneInfo zone, ConsoleState state)
    {
        var frozen = review is null ? null : WeeklyReviewDesk.Evidence(review);
        return new(ReviewSchedule.Name(week), Periods.DayStart(week, zone), Periods.DayStart(week.AddDays(7), zone), review?.Id, review is null ? null : Convert.ToHexStringLower(review.Sha256), review?.OpenedAt,
            review?.Signed is { } signed ? WeeklyReviewDesk.Word(signed.Verdict) : null, review?.Signed is { } by ? state.Directory.NameOf(by.By) : null, review?.Outside ?? [], frozen?.Week, frozen?.Thresholds ?? []);
    }

    internal static MemoThreshold Named(ThresholdStanding t, ConsoleState state) => new(t.Name, t.Words, t.Unit, t.AtMost, t.Agreed, t.SetAt, Name(t.SetBy, state), [.. t.Late.Select(l => new MemoThresholdChange(l.At, Name(l.By, state), l.From, l.To, l.WeeksFrozen))]);

    private static string? Name(string? by, ConsoleState state) => by is null ? null : by == Actor.System.Id ? "the console" : state.Directory.NameOf(by);

    private static MemoFigure Figure(Threshold t, IReadOnlyList<MemoWeek> weeks)
    {
        var judged = weeks.Select(w => w.Thresholds.FirstOrDefault(j => j.Name == t.Name)?.Inside).OfType<bool>().ToList();
        bool? inside = judged.Count == 0 ? null : judged.TrueForAll(i => i);
        List<PeriodView> figures = [.. weeks.Select(w => w.Figures).OfType<PeriodView>()];
        MemoFigure Pooled(ShareView s) => new(t.Name, t.Words, t.Unit, t.AtMost, t.Agreed, s.Rate, s.Low, s.High, s.Count, s.Of, null, inside);
        MemoFigure Worst(Func<PeriodView, SpanView?> of)
        {
            var worst = weeks.Where(w => w.Figures is { } f && of(f)?.P90 is not null).MaxBy(w => of(w.Figures!)!.P90);
            var n = figures.Sum(f => of(f)?.N ?? 0);
            return new(t.Name, t.Words, t.Unit, t.AtMost, t.Agreed, worst is null ? null : of(worst.Figures!)!.P90 / 60, null, null, n, n, worst?.Week, inside);
        }
        switch (t.Name)
        {
            case Thresholds.OverrideRate: return Pooled(ShareView.Make(figures.Sum(f => f.Override.Count), figures.Sum(f => f.Override.Of)));
            case Thresholds.ExpiredRate: return Pooled(ShareView.Make(figures.Sum(f => f.Expired.Count), figures.Sum(f => f.Expired.Of)));
            case Thresholds.Incidents:
                var rate = new EventRate(figures.Sum(f => f.Incidents?.Count ?? 0), figures.Sum(f => f.Incidents?.Of ?? 0));
                return new(t.Name, t.Words, t.Unit, t.AtMost, t.Agreed, rate.PerThousand, rate.Garwood()?.Low, rate.Garwood()?.High, rate.Events, rate.Occasions, null, inside);
            case Thresholds.ApprovalP90: return Worst(f => f.Approval);
            default: return Worst(f => f.ToRestore);
        }
    }
}
