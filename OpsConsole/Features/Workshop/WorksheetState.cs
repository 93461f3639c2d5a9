using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;

namespace OpsConsole.Features.Workshop;

/// <summary>All worksheets of one rollout as they stand after patch <paramref name="Sequence"/>.</summary>
internal sealed record SheetsNow(long Sequence, ImmutableDictionary<FieldKey, Register> Fields)
{
    public static readonly SheetsNow Nothing = new(0, ImmutableDictionary<FieldKey, Register>.Empty);

    public Worksheet Sheet(string id) => Worksheet.Of(id, Fields);

    public SheetsNow With(IReadOnlyList<Patch> patches) => patches.Count == 0 ? this
        : new(patches[^1].Seq, Fields.SetItems(patches.GroupBy(p => p.Field).Select(g => KeyValuePair.Create(g.Key, g.Aggregate(Fields.GetValueOrDefault(g.Key, Register.Empty), (r, p) => r.With(p)).Trimmed()))));
}

/// <summary>
/// The worksheets that people look at, in memory: read once, then only what came since. One reading at a time per rollout, so that fifty pages that hear of one patch ask the database once.
/// Rollouts that nobody looked at for a while are forgotten.
/// </summary>
internal sealed class WorksheetState(IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);
    private readonly ConcurrentDictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>As of the last commit.</summary>
    public async Task<SheetsNow> NowAsync(string rolloutId, CancellationToken ct)
    {
        foreach (var (id, old) in _held) if (time.GetElapsedTime(old.UsedAt) > Life) _held.TryRemove(id, out _);
        var held = _held.GetOrAdd(rolloutId, _ => new Held(new SemaphoreSlim(1, 1)));
        held.UsedAt = time.GetTimestamp();
        var asked = Interlocked.Increment(ref held.Asked);
        await held.Gate.WaitAsync(ct);
        try
        {
            if (held.Answered >= asked) return held.Now;   // somebody read after this was asked for
            var upTo = Volatile.Read(ref held.Asked);
            await using var db = await factory.CreateDbContextAsync(ct);
            var known = held.Now.Sequence;
            var patches = db.Patches.AsNoTracking().Where(p => p.RolloutId == rolloutId);
            // At first only what stands; later everything since, because what came may have been replaced already.
            var came = await (known == 0 ? patches.Where(p => !p.Replaced) : patches.Where(p => p.Seq > known)).OrderBy(p => p.Seq).ToListAsync(ct);
            (held.Now, held.Answered) = (held.Now.With(came), upTo);
            return held.Now;
        }
        finally
        {
            held.Gate.Release();
        }
    }

    // The gate is never waited for by handle, so there is nothing in it to dispose of.
    private sealed class Held(SemaphoreSlim gate)
    {
        public SemaphoreSlim Gate { get; } = gate;
        public SheetsNow Now = SheetsNow.Nothing;
        public long Asked, Answered, UsedAt;
    }
}
