using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Session;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Toolkit;

/// <summary>Gathers what the documents of a rollout show.</summary>
internal sealed class ToolkitReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, EvidenceReader evidence)
{
    public async Task<Result<ToolkitData>> ReadAsync(PersonCaller caller, string id, CancellationToken ct)
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
            session, session?.Board.Closing ?? now, now.Owners, new DataVersion(e.Fields.Values.SelectMany(f => f.History).Select(patch => patch.Seq).DefaultIfEmpty().Max(), version, head));
    }
}
