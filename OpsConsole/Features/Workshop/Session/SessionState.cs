using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Session;
using OpsConsole.Data;

namespace OpsConsole.Features.Workshop.Session;

/// <summary>The open session of a rollout, as of the last commit. What it answers is shared by everybody who asked: nobody changes it.</summary>
internal sealed class SessionState(IDbContextFactory<OpsDbContext> factory)
{
    private readonly ConcurrentDictionary<string, SharedReading<WorkshopSession?>> _readings = new(StringComparer.Ordinal);

    /// <summary>Null when none is open.</summary>
    public Task<WorkshopSession?> OpenAsync(string rolloutId, CancellationToken ct) => _readings.GetOrAdd(rolloutId, _ => new(new SemaphoreSlim(1, 1))).GetAsync(async token =>
    {
        await using var db = await factory.CreateDbContextAsync(token);
        return await Find(db, rolloutId).AsNoTracking().SingleOrDefaultAsync(token);
    }, ct);

    public static IQueryable<WorkshopSession> Find(OpsDbContext db, string rolloutId) => db.Sessions.Where(s => s.RolloutId == rolloutId && s.EndedAt == null);
}
