using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Authority;
using OpsConsole.Features.Shadow;

namespace OpsConsole.Features.Rollouts;

/// <summary>Gathers what steps and gates look at. The analysis is made outside the writer; what it was made of is compared inside.</summary>
public sealed class EvidenceReader
{
    private const int Attempts = 5, LatestPlans = 20;
    private static readonly Fault Moved = new(FaultKind.Unavailable, "evidence.moved", "The matrix or its people keep changing while they are looked at. Try again in a moment.");
    private readonly DurableWriter _writer;
    private readonly IDbContextFactory<OpsDbContext> _factory;
    private readonly MatrixStandings _standings;

    internal EvidenceReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, MatrixStandings standings) => (_writer, _factory, _standings) = (writer, factory, standings);

    /// <summary>For whoever may see the rollout; the caller has asked. Faults: not found, <c>evidence.moved</c>.</summary>
    public async Task<Result<RolloutEvidence>> OfAsync(string rolloutId, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await _standings.OfAsync(rolloutId, ct) is not { } matrix) return Fault.NotFound("rollout");
            await using var db = await _factory.CreateDbContextAsync(ct);
            if (await ReadAsync(db, _writer.State, rolloutId, matrix, ct) is { } evidence) return evidence;
        }
        return Moved;
    }

    /// <summary>A change that rests on the evidence as it stands at that moment.</summary>
    public async Task<Result<T>> ChangeAsync<T>(string rolloutId, Func<ChangeScope, RolloutEvidence, CancellationToken, Task<Result<T>>> change)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await _standings.OfAsync(rolloutId, CancellationToken.None) is not { } matrix) return Fault.NotFound("rollout");
            var done = await _writer.ChangeAsync<T>(async (scope, ct) => await ReadAsync(scope.Db, scope.State, rolloutId, matrix, ct) is { } evidence ? await change(scope, evidence, ct) : Moved);
            if (done.Fault?.Code != Moved.Code) return done;
        }
        return Moved;
    }

    /// <summary>Null when the matrix is not the one that was analysed.</summary>
    private async Task<RolloutEvidence?> ReadAsync(OpsDbContext db, ConsoleState state, string id, MatrixStanding matrix, CancellationToken ct)
    {
        if (!state.Rollouts.TryGetValue(id, out var rollout)) return null;
        var now = await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => new { r.DraftVersion, r.CatalogueVersion, r.Thresholds }).SingleAsync(ct);
        if (!matrix.IsOf(MatrixKey.Of(rollout, now.DraftVersion, now.CatalogueVersion), ApproverLookup.For(state.Directory, rollout))) return null;
        var document = rollout.Policy?.Document;
        if (document is null)
        {
            var draft = MatrixJson.Parse(JsonElement.Parse(await db.Rollouts.AsNoTracking().Where(r => r.Id == id).Select(r => r.Draft).SingleAsync(ct)));
            document = draft.Ok ? draft.Value : MatrixDocument.Empty;
        }
        var patches = await db.Patches.AsNoTracking().Where(p => p.RolloutId == id && !p.Replaced).ToListAsync(ct);
        var versions = await db.Agents.AsNoTracking().Where(a => a.RolloutId == id && a.RetiredAt == null).Select(a => new { a.Id, a.AgentVersion, a.Model }).ToDictionaryAsync(a => a.Id, ct);
        var agents = state.Agents.Values.Where(a => a.Rollout.Id == id && versions.ContainsKey(a.Id)).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase)
            .Select(a => new AgentFacts(a.Id, a.Name, versions[a.Id].AgentVersion, versions[a.Id].Model, a.Caps.Limits.Count > 0, a.Grants.Count > 0)).ToList();
        return new RolloutEvidence(rollout, state.Directory, document, matrix, patches.GroupBy(p => p.Field).ToDictionary(g => g.Key, Register.Of),
            agents, await db.Confirmations.AsNoTracking().Where(c => c.RolloutId == id).ToListAsync(ct), await db.Drills.AsNoTracking().Where(d => d.RolloutId == id).OrderByDescending(d => d.StartedAt).Take(200).ToListAsync(ct))
        {
            ScalingHeldBy = await db.Incidents.AsNoTracking().Where(i => i.RolloutId == id && i.HoldsScaling && i.Status <= IncidentStatus.Closed).OrderBy(i => i.Seq).Select(i => i.Title).ToListAsync(ct),
            Reviews = await ReviewsAsync(db, rollout, ct),
            Memos = await MemosAsync(db, id, ct),
            Shadows = await ShadowReader.ByAgentAsync(db, state, id, agents, ct),
            ShadowNeeds = ShadowReader.Needs(now.Thresholds),
            Rehearsal = await RehearsalAsync(db, state, id, ct),
        };
    }

    private async Task<ReviewCycle?> ReviewsAsync(OpsDbContext db, RolloutAuthority rollout, CancellationToken ct)
    {
        var own = await db.Rollouts.AsNoTracking().Where(r => r.Id == rollout.Id).Select(r => new { r.CycleWeeks, r.ReviewSchedule }).SingleAsync(ct);
        var reviews = await db.WeeklyReviews.AsNoTracking().Where(r => r.RolloutId == rollout.Id).OrderByDescending(r => r.Week).Take(own.CycleWeeks + 4).Select(r => new { r.Week, r.Signed, r.Outside }).ToListAsync(ct);
        return reviews.Count == 0 ? null : new ReviewCycle(own.CycleWeeks, (own.ReviewSchedule ?? ReviewSchedule.Default).LastOpen(_writer.Now, rollout.Zone), [.. reviews.Select(r => new ReviewFact(r.Week, r.Signed?.Verdict, r.Signed?.By, r.Outside))]);
    }

    private static async Task<MemoStanding?> MemosAsync(OpsDbContext db, string id, CancellationToken ct)
    {
        var memos = await db.ScaleMemos.AsNoTracking().Where(m => m.RolloutId == id).OrderByDescending(m => m.DraftedAt).ThenByDescending(m => m.Id).Select(m => new { m.Id, m.State, m.LastWeek, m.Signed, m.Ended }).ToListAsync(ct);
        var approved = memos.Find(m => m.State == MemoState.Approved && m.Ended is null);
        return memos.Count == 0 ? null : new MemoStanding(approved is null ? null : new ApprovedMemo(approved.Id, approved.LastWeek!.Value, approved.Signed!.By, approved.Signed.At), memos.Exists(m => m.State == MemoState.Approved), memos[0].Id, memos[0].State);
    }

    // Among the last plans, the newest that was a rehearsal, or about simulated agents only, and has undone everything.
    private static async Task<UndoRehearsal?> RehearsalAsync(OpsDbContext db, ConsoleState state, string id, CancellationToken ct)
    {
        var plans = await db.UndoPlans.AsNoTracking().Where(p => p.RolloutId == id).OrderByDescending(p => p.Seq).Take(LatestPlans).ToListAsync(ct);
        plans = [.. plans.UnionBy(await db.UndoPlans.AsNoTracking().Where(p => p.RolloutId == id && p.Rehearsal).OrderByDescending(p => p.Seq).Take(LatestPlans).ToListAsync(ct), p => p.Id)];   // however many others came since
        if (plans.Count == 0) return null;
        var ids = plans.ConvertAll(p => p.Id);
        var steps = (await db.UndoSteps.AsNoTracking().Where(s => ids.Contains(s.PlanId)).Select(s => new { s.PlanId, s.AgentId, s.State, s.EndedAt }).ToListAsync(ct)).ToLookup(s => s.PlanId);
        var done = plans.Find(p => steps[p.Id].Any() && steps[p.Id].All(s => s.State == UndoState.Undone && (p.Rehearsal || (state.Agents.TryGetValue(s.AgentId, out var agent) && agent.Simulated))));
        return done is null ? null : new UndoRehearsal(done.Id, steps[done.Id].Count(), steps[done.Id].Max(s => s.EndedAt) ?? done.At);
    }
}
