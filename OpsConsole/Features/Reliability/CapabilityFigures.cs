using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Data;

namespace OpsConsole.Features.Reliability;

/// <summary>An agent's action, or (<paramref name="Action"/> empty) all it does.</summary>
internal readonly record struct Capability(string AgentId, string Action);

/// <summary>What is watched of the capabilities of a rollout, by day or week, out of the roll-ups.</summary>
internal sealed class CapabilityFigures
{
    private readonly Dictionary<(Capability Of, DateTimeOffset Start), (long K, long N)[]> _counts = [];

    private CapabilityFigures(IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> periods) => Periods = periods;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> Periods { get; }

    /// <summary>Every capability that was asked for in this time.</summary>
    public IEnumerable<Capability> Capabilities => _counts.Keys.Select(k => k.Of).Distinct();

    /// <param name="agentId">Only this one's; null: everybody's.</param>
    public static async Task<CapabilityFigures> OfAsync(OpsDbContext db, string rolloutId, string? agentId, Grain grain, IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> periods, CancellationToken ct)
    {
        var figures = new CapabilityFigures(periods);
        var rows = ReliabilityReader.Rows(db, rolloutId, grain, periods[0].Start, periods[^1].End);
        await foreach (var row in (agentId is null ? rows : rows.Where(r => r.AgentId == agentId)).AsAsyncEnumerable().WithCancellation(ct))
            foreach (var of in (Capability[])[new(row.AgentId, ""), new(row.AgentId, row.Action)])
            {
                if (!figures._counts.TryGetValue((of, row.Start), out var counts)) figures._counts[(of, row.Start)] = counts = new (long, long)[WatchedSpec.All.Count];
                foreach (var spec in WatchedSpec.All)
                {
                    var (k, n) = spec.Count(row.Counts);
                    counts[(int)spec.Watched] = (counts[(int)spec.Watched].K + k, counts[(int)spec.Watched].N + n);
                }
            }
        return figures;
    }

    /// <summary>One figure of one capability, with its empty stretches.</summary>
    public IReadOnlyList<ControlInput> Of(Capability of, Watched measure)
        => [.. Periods.Select(p => _counts.TryGetValue((of, p.Start), out var counts) ? new ControlInput(p.Start, p.End, counts[(int)measure].K, counts[(int)measure].N) : new ControlInput(p.Start, p.End, 0, 0))];
}

/// <summary>Since when capabilities are as they are: since tier, gate or matrix changed last. Figures from before are about something else.</summary>
internal sealed class Standing(DateTimeOffset rollout, ILookup<string, (string Capability, DateTimeOffset?[] Moments)> grants)
{
    public static async Task<Standing> OfAsync(OpsDbContext db, RolloutAuthority rollout, IEnumerable<string> agents, DateTimeOffset now, CancellationToken ct)
    {
        var (version, ids) = (rollout.Policy?.Version ?? 0, agents.ToList());
        List<DateTimeOffset?> moments = await db.Gates.AsNoTracking().Where(g => g.RolloutId == rollout.Id).Select(g => g.At).ToListAsync(ct);
        moments.Add(await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == rollout.Id && v.Number == version).Select(v => (DateTimeOffset?)v.PublishedAt).SingleOrDefaultAsync(ct));
        var grants = await db.Grants.AsNoTracking().Where(g => ids.Contains(g.AgentId)).Select(g => new { g.AgentId, g.Capability, g.CreatedAt, g.EndedAt, g.ExpiresAt, g.ReviewBy }).ToListAsync(ct);
        return new(moments.Max() ?? DateTimeOffset.UnixEpoch, grants.ToLookup(g => g.AgentId,
            g => (g.Capability, (DateTimeOffset?[])[g.CreatedAt, g.EndedAt, .. ((DateTimeOffset?[])[g.ExpiresAt, g.ReviewBy]).Where(m => m <= now && (g.EndedAt is null || m < g.EndedAt))]), StringComparer.Ordinal));
    }

    public DateTimeOffset Since(Capability of)
        => grants[of.AgentId].Where(g => of.Action.Length == 0 || AgentAuthority.Covers(g.Capability, of.Action)).SelectMany(g => g.Moments).Append(rollout).Max()!.Value;
}
