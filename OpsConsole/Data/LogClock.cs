using Microsoft.EntityFrameworkCore;

namespace OpsConsole.Data;

/// <summary>From times to sequence numbers. The log is gapless and its clock never runs backwards, so a binary search over the primary key needs no index on time.</summary>
internal static class LogClock
{
    /// <summary>The first sequence number at or after <paramref name="at"/>; one past the last when there is none.</summary>
    public static async Task<long> FirstSeqAtAsync(OpsDbContext db, DateTimeOffset at, long? last, CancellationToken ct)
    {
        var (low, high) = (1L, (last ?? await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct)) + 1);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var found = await db.Audit.AsNoTracking().Where(a => a.Seq == middle).Select(a => (DateTimeOffset?)a.At).FirstOrDefaultAsync(ct);
            if (found is null || found >= at) high = middle; else low = middle + 1;
        }
        return low;
    }
}
