using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace OpsConsole.Data;

/// <summary>Whom a request asks, as one text that an index can hold: its rollout's id, a space, and the approver entries of its terms as a JSON array. The database makes it out of the row.</summary>
/// <param name="Key">The text itself.</param>
/// <param name="Entries">The approver entries; none: the rollout's owners are asked.</param>
public sealed record Asking(string Key, string RolloutId, IReadOnlyList<string> Entries)
{
    public const string Column = "Asking";

    /// <summary>All there are among what waits, by one step over the index for each, however many requests share it.</summary>
    public static async Task<IReadOnlyList<Asking>> WaitingAsync(OpsDbContext db, CancellationToken ct)
    {
        var keys = await db.Database.SqlQuery<string>($"""
            WITH RECURSIVE waiting(key) AS (
                SELECT min(asking) FROM approvals WHERE status = 0
                UNION ALL
                SELECT (SELECT min(a.asking) FROM approvals a WHERE a.status = 0 AND a.asking > w.key) FROM waiting w WHERE w.key IS NOT NULL)
            SELECT key AS "Value" FROM waiting WHERE key IS NOT NULL
            """).ToListAsync(ct);
        return [.. keys.Select(Of)];
    }

    private static Asking Of(string key)
    {
        var space = key.IndexOf(' ', StringComparison.Ordinal);
        return new(key, key[..space], JsonSerializer.Deserialize<string[]>(key.AsSpan(space + 1)) ?? []);
    }
}
