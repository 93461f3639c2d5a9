using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Data.Writer;

namespace OpsConsole.Data;

/// <summary>How full an agent's caps are at a moment, as stored.</summary>
internal static class StoredCaps
{
    /// <summary>Every limit with what is used of it; null for those of a run, which have no present window.</summary>
    public static async Task<IReadOnlyList<(CapLimit Limit, long? Used)>> OfAsync(OpsDbContext db, AgentAuthority agent, DateTimeOffset now, CancellationToken ct)
    {
        var windows = agent.Caps.Limits.Select(l => (Limit: l, Window: CapWindow.At(agent.Id, l, null, now, agent.Rollout.Zone))).ToList();
        var keys = windows.Where(w => w.Window is not null).Select(w => w.Window!.Value.Key).Distinct().ToList();
        var units = windows.Select(w => CapUnitNames.Of(w.Limit.Unit)).Distinct().ToList();   // with them the key is whole: an agent may have very many runs
        var used = (await db.CapUsage.AsNoTracking().Where(u => u.AgentId == agent.Id && units.Contains(u.Unit) && keys.Contains(u.WindowKey)).ToListAsync(ct)).ToDictionary(u => (u.Unit, u.WindowKey), u => u.Used);
        return [.. windows.Select(w => (w.Limit, w.Window is { } window ? used.GetValueOrDefault((CapUnitNames.Of(w.Limit.Unit), window.Key)) : (long?)null))];
    }
}
