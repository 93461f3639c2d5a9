using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Session;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Incidents;
using OpsConsole.Features.Reviews;
using OpsConsole.Features.Rollouts;
using OpsConsole.Features.Undo;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Toolkit;

/// <summary>Gathers what the documents of a rollout show, and of an incident.</summary>
internal sealed class ToolkitReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, EvidenceReader evidence, IncidentReader incidents, ReviewDesk reviews, WeeklyReviewReader weeks, ScaleMemoReader memos, UndoPlanDesk undo)
{
    private const int MostPlans = 50;

    /// <param name="log">Which incidents are read; null: none.</param>
    public async Task<Result<ToolkitData>> ReadAsync(PersonCaller caller, string id, LogFilter? log, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var head = await db.Head.AsNoTracking().Select(h => h.Seq).SingleAsync(ct);   // before all else: what the documents show is at least as new
        var found = await evidence.OfAsync(id, ct);
        if (found.Fault is { } moving) return moving;
        var e = found.Value;
        var about = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.Name, r.Purpose, r.TimeZone, r.DraftVersion }).SingleAsync(ct);
        var version = e.Rollout.Policy?.Version ?? 0;
        var published = version == 0 ? null : await db.MatrixVersions.AsNoTracking().SingleAsync(v => v.RolloutId == id && v.Number == version, ct);
        var records = await db.Gates.AsNoTracking().Where(g => g.RolloutId == id).ToListAsync(ct);
        var history = await GateHistory.ReadAsync(db, state.Directory, id, ct);
        var inForce = Gates.InForce(records);
        var session = await db.Sessions.AsNoTracking().Where(s => s.RolloutId == id).OrderByDescending(s => s.OpenedAt).FirstOrDefaultAsync(ct);
        var now = SessionClosing.Of(e.Sheet, e.Rollout.Members, session?.OpenedAt ?? DateTimeOffset.MinValue);
        return new ToolkitData(about.Name, about.Purpose, about.DraftVersion, TimeZoneInfo.FindSystemTimeZoneById(about.TimeZone), e,
            published is null ? null : new MatrixShown(version, state.Directory.NameOf(published.PublishedBy), published.PublishedAt, published.Reason, Convert.ToHexStringLower(published.Sha256)),
            [.. Gates.All.Select(g => new GateShown(g, records.Find(r => r.Gate == g) is { Passed: true } && g <= inForce, records.Find(r => r.Gate == g), Gates.Criteria(g, e, records), [.. history[g.ToString()]]))],
            session, session?.Board.Closing ?? now, now.Owners, new DataVersion(e.Fields.Values.SelectMany(f => f.History).Select(patch => patch.Seq).DefaultIfEmpty().Max(), version, head),
            log is null ? null : await LogAsync(db, id, log, e.Rollout.Zone, ct));
    }

    private static async Task<IncidentLog> LogAsync(OpsDbContext db, string id, LogFilter log, TimeZoneInfo zone, CancellationToken ct)
    {
        var asked = log.Of(db.Incidents.AsNoTracking().Where(i => i.RolloutId == id), zone);
        var shown = await asked.OrderByDescending(i => i.Seq).Take(IncidentLog.Most).ToListAsync(ct);
        var ids = shown.ConvertAll(i => i.Id);
        var texts = await db.IncidentReviews.AsNoTracking().Where(r => ids.Contains(r.IncidentId)).ToDictionaryAsync(r => r.IncidentId, r => r.Texts, ct);
        var actions = (await db.IncidentActions.AsNoTracking().Where(a => ids.Contains(a.IncidentId)).OrderBy(a => a.DueOn).ThenBy(a => a.Id).ToListAsync(ct)).ToLookup(a => a.IncidentId);
        var responses = (await db.IncidentResponses.AsNoTracking().Where(r => ids.Contains(r.IncidentId)).OrderBy(r => r.Seq).ToListAsync(ct)).ToLookup(r => r.IncidentId);
        return new IncidentLog(log, shown.ConvertAll(i => new LoggedIncident(i, texts.GetValueOrDefault(i.Id)?.GetValueOrDefault("factors") ?? "", [.. actions[i.Id]], [.. responses[i.Id]])),
            shown.Count < IncidentLog.Most ? 0 : await asked.CountAsync(ct) - shown.Count);
    }

    /// <summary>One week's review. Not found where <see cref="WeeklyReviewReader"/> says so.</summary>
    public async Task<Result<WeekFile>> ReadWeekAsync(PersonCaller caller, string id, string week, CancellationToken ct)
    {
        long head;
        await using (var db = await factory.CreateDbContextAsync(ct)) head = await db.Head.AsNoTracking().Select(h => h.Seq).SingleAsync(ct);
        var view = await weeks.FindAsync(caller, id, week, ct);
        return view.Fault is { } hidden ? hidden : new WeekFile(view.Value, writer.State.Rollouts[id].Zone, writer.State.Rollouts[id].Simulated, head);
    }

    /// <summary>One scale memo. Not found where <see cref="ScaleMemoReader"/> says so.</summary>
    public async Task<Result<MemoFile>> ReadMemoAsync(PersonCaller caller, string id, string memo, CancellationToken ct)
    {
        long head;
        await using (var db = await factory.CreateDbContextAsync(ct)) head = await db.Head.AsNoTracking().Select(h => h.Seq).SingleAsync(ct);
        var view = await memos.FindAsync(caller, id, memo, ct);
        return view.Fault is { } hidden ? hidden : new MemoFile(view.Value, writer.State.Rollouts[id].Zone, writer.State.Rollouts[id].Simulated, head);
    }

    /// <summary>All that is known of an incident. Not found where <see cref="IncidentReader"/> says so.</summary>
    public async Task<Result<IncidentFile>> ReadIncidentAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        long head;
        await using (var db = await factory.CreateDbContextAsync(ct)) head = await db.Head.AsNoTracking().Select(h => h.Seq).SingleAsync(ct);
        var story = await incidents.FindAsync(caller, id, ct);
        if (story.Fault is { } hidden) return hidden;
        var review = await reviews.FindAsync(caller, id, ct);
        if (review.Fault is { } gone) return gone;
        var rollout = writer.State.Rollouts[story.Value.Incident.RolloutId];
        List<UndoPlanView>? plans = null;
        if (Sight.Rollout(writer.State, caller, rollout.Id).Ok)
        {
            plans = [];
            var listed = await undo.ListAsync(caller, rollout.Id, id, new PageQuery(null, MostPlans), ct);
            if (listed.Fault is { } fault) return fault;
            foreach (var plan in listed.Value.Items.Reverse())
            {
                var whole = await undo.FindAsync(caller, plan.Id!, ct);
                if (whole.Fault is { } lost) return lost;
                plans.Add(whole.Value);
            }
        }
        return new IncidentFile(story.Value, review.Value, plans, rollout.Zone, rollout.Simulated, head);
    }
}
