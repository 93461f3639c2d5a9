using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Portfolio;

/// <summary>Reads all rollouts that somebody sees, in a handful of queries whatever their number: what stands in memory, the weeks out of the roll-ups, reviews and incidents.</summary>
public sealed class PortfolioReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, WeeklyReviewReader reviews)
{
    /// <summary>Weeks shown, the running one among them.</summary>
    public const int Weeks = 12;
    private static readonly TimeSpan Soon = TimeSpan.FromDays(60);

    public async Task<PortfolioView> ReadAsync(PersonCaller caller, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Me(state, caller) is not { Ok: true, Value: var me }) return new([], false);
        var rollouts = state.Rollouts.Values.Where(r => !r.Archived && Permissions.MaySee(me, r, state.Directory)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var ids = rollouts.Select(r => r.Id).ToList();
        var weeks = rollouts.ToDictionary(r => r.Id, r => Periods.Last(Grain.Week, now, Weeks, r.Zone));
        var from = weeks.Values.Select(w => w[0].Start).DefaultIfEmpty(now).Min();

        await using var db = await factory.CreateDbContextAsync(ct);
        var (_, late) = await ReliabilityReader.BehindAsync(db, now, ct);
        var counts = (await db.Rollups.AsNoTracking().Where(r => ids.Contains(r.RolloutId) && r.Grain == Grain.Week && r.Start >= from).ToListAsync(ct)).ToLookup(r => (r.RolloutId, r.Start), r => r.Counts);
        var incidents = (await db.Incidents.AsNoTracking().Where(i => ids.Contains(i.RolloutId) && i.Status != IncidentStatus.Merged && i.Status != IncidentStatus.Cancelled
            && (i.OpenedAt >= from || i.Status <= IncidentStatus.Mitigated || i.HoldsScaling)).OrderBy(i => i.Seq).ToListAsync(ct)).ToLookup(i => i.RolloutId);
        var series = (await reviews.SinceAsync(rollouts, DateOnly.FromDateTime(from.UtcDateTime).AddDays(-7), ct)).ToLookup(r => r.RolloutId, r => r.Line);
        return new PortfolioView([.. rollouts.Select(r => Row(r, state, now, weeks[r.Id], counts, [.. incidents[r.Id]], [.. series[r.Id]]))], late);
    }

    private static PortfolioRow Row(RolloutAuthority rollout, ConsoleState state, DateTimeOffset now, IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> weeks, ILookup<(string, DateTimeOffset), RollupCounts> counts, IReadOnlyList<Incident> incidents, IReadOnlyList<ReviewLine> series)
    {
        var last = series.Count > 0 ? series[0] : null;
        var verdicts = series.ToDictionary(r => r.Start, r => r.Verdict ?? "open");
        return new PortfolioRow(rollout.Id, rollout.Name, rollout.Zone.Id, rollout.Gate == Gate.None ? null : rollout.Gate.ToString(), TierMix.Of(state, rollout.Id, now), rollout.Paused?.Reason, rollout.Simulated, last, incidents.Count(i => i.Open),
            [.. incidents.Where(i => i.HoldsScaling).Select(i => new HoldView(i.Id, i.Title, SeveritySpec.Of(i.Severity).Title))],
            [.. weeks.Select(w => PeriodView.Of(w.Start, w.End, now, RollupCounts.Sum(counts[(rollout.Id, w.Start)]), [.. incidents.Where(i => i.Times.Detected >= w.Start && i.Times.Detected < w.End)]))],
            [.. weeks.Select(w => verdicts.GetValueOrDefault(w.Start))], [.. Dates(rollout, state, now, series).OrderBy(d => d.At)]);
    }

    private static IEnumerable<NextDate> Dates(RolloutAuthority rollout, ConsoleState state, DateTimeOffset now, IReadOnlyList<ReviewLine> series)
    {
        foreach (var open in series.Where(r => r.Verdict is null))
            yield return new($"Review of {open.Week} is due", $"/rollouts/{rollout.Id}/reviews/{open.Week}", Periods.DayStart(open.DueOn.AddDays(1), rollout.Zone).AddMinutes(-1), open.Overdue);
        var agents = state.Agents.Values.Where(a => a.Rollout.Id == rollout.Id && !a.Retired).ToList();
        foreach (var (agent, grant) in agents.SelectMany(a => a.Grants.Where(g => g.ReviewBy < now + Soon && g.Tier > Tier.Observer && (g.ExpiresAt is null || now < g.ExpiresAt)).Select(g => (a, g))).OrderBy(g => g.g.ReviewBy).Take(1))
            yield return new($"Tier of {grant.Capability} is looked at again", "/agents/" + agent.Id, grant.ReviewBy!.Value, grant.ReviewBy <= now);
        foreach (var (agent, grant) in agents.SelectMany(a => a.Grants.Where(g => now < g.ExpiresAt && g.ExpiresAt < now + Soon).Select(g => (a, g))).OrderBy(g => g.g.ExpiresAt).Take(1))
            yield return new($"Grant of {grant.Capability} ends", "/agents/" + agent.Id, grant.ExpiresAt!.Value, false);
    }
}
