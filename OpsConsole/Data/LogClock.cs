using Microsoft.EntityFrameworkCore;

namespace OpsConsole.Data;

/// <summary>From times to sequence numbers. The log is gapless and its clock never runs backwards, so a binary search over the primary key needs no index on time.</summary>
internal static class LogClock
{
    /// <summary>The first sequence number at or after <paramref name="at"/>; one past the last when there is none. The database searches: one question, not one per halving.</summary>
    public static async Task<long> FirstSeqAtAsync(OpsDbContext db, DateTimeOffset at, long? last, CancellationToken ct)
    {
        var end = last ?? await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
        object stored = db is SqliteOpsDbContext ? Micros.From(at) : at.ToUniversalTime();   // raw SQL passes the model's conversions by
        var found = await db.Database.SqlQuery<long>($"""
            WITH RECURSIVE search(low, high) AS (
                SELECT CAST(1 AS bigint), CAST({end} AS bigint) + 1
                UNION ALL
                SELECT CASE WHEN e.at < {stored} THEN (s.low + s.high) / 2 + 1 ELSE s.low END, CASE WHEN e.at < {stored} THEN s.high ELSE (s.low + s.high) / 2 END
                FROM search AS s LEFT JOIN audit_entries AS e ON e.seq = (s.low + s.high) / 2 WHERE s.low < s.high
            )
            SELECT MAX(low) AS "Value" FROM search
            """).ToListAsync(ct);
        return found[0];
    }
}
