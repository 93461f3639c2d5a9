using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;

namespace OpsConsole.Features.Authority;

/// <summary>Where a draft comes from, as the log has it.</summary>
/// <param name="ById">The person who changed it last; null when no person has.</param>
/// <param name="At">When it was changed last; null when it never was.</param>
/// <param name="BasedOn">The version it was published as or restored from last; null when there is none.</param>
public sealed record DraftOrigin(string? ById, DateTimeOffset? At, int? BasedOn);

/// <summary>Reads <see cref="DraftOrigin"/>s from the log; one per rollout is remembered, because pages ask at every change of authority anywhere.</summary>
internal sealed class DraftOrigins(IDbContextFactory<OpsDbContext> factory)
{
    private const string Saved = "matrix.saved", Restored = "matrix.restored", Published = "matrix.published", Person = "person:";
    private readonly ConcurrentDictionary<string, (long Version, int? Newest, DraftOrigin Origin)> _last = new(StringComparer.Ordinal);

    /// <summary>For a rollout that the reader may see.</summary>
    /// <param name="version">Of the draft: the same one is not looked for again before something is published.</param>
    public async Task<DraftOrigin> OfAsync(string rolloutId, long version, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var newest = await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == rolloutId).OrderByDescending(v => v.Number).Select(v => (int?)v.Number).FirstOrDefaultAsync(ct);
        if (_last.TryGetValue(rolloutId, out var known) && (known.Version, known.Newest) == (version, newest)) return known.Origin;
        var log = db.Audit.AsNoTracking().Where(a => a.Object == rolloutId && a.Event != "decision.asked").OrderByDescending(a => a.Seq);
        var change = await log.Where(a => a.Event == Saved || a.Event == Restored).Select(a => new { a.Actor, a.At }).FirstOrDefaultAsync(ct);
        var source = await log.Where(a => a.Event == Published || a.Event == Restored).Select(a => a.Leaf).FirstOrDefaultAsync(ct);
        var origin = new DraftOrigin(change is not null && change.Actor.StartsWith(Person, StringComparison.Ordinal) ? change.Actor[Person.Length..] : null, change?.At, source is null ? null : VersionOf(source));
        _last[rolloutId] = (version, newest, origin);
        return origin;
    }

    private static int? VersionOf(string leaf)
    {
        using var entry = JsonDocument.Parse(leaf);
        return entry.RootElement.GetProperty("details") is { ValueKind: JsonValueKind.Object } details && details.TryGetProperty("version", out var version) && version.TryGetInt32(out var number) ? number : null;
    }
}
