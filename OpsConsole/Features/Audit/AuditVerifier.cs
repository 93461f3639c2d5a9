using System.Data;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Data;

namespace OpsConsole.Features.Audit;

/// <summary>An entry that does not fit, and why, in words.</summary>
public sealed record BrokenEntry(long Seq, string Why);

/// <summary>How far a verification has come: through the entries first, then through the rows (<paramref name="Rows"/>).</summary>
public readonly record struct VerifyProgress(long Done, long Total, bool Rows = false);

/// <summary>A head of the log that was kept elsewhere: what the log must still hold.</summary>
public sealed record KeptHead(long Seq, string Chain)
{
    /// <summary>Reads <c>SEQ:HASH</c>; null for anything else.</summary>
    public static KeptHead? Parse(string? text)
    {
        var parts = (text ?? "").Trim().Split(':');
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seq) && seq > 0 && parts[1].Length == 2 * AuditLeaf.HashLength && parts[1].All(char.IsAsciiHexDigit)
            ? new KeptHead(seq, parts[1].ToLowerInvariant()) : null;
    }
}

/// <summary>What a verification found.</summary>
/// <param name="Entries">How many entries were read.</param>
/// <param name="Chain">The chain hash of the last entry, hex.</param>
/// <param name="Broken">The first <see cref="AuditVerifier.MaxBroken"/> entries that do not fit.</param>
/// <param name="MoreBroken">There are more than are listed.</param>
/// <param name="At">When the verification began: what came later was not looked at.</param>
/// <param name="Payloads">Payloads that are what their entries committed to.</param>
/// <param name="Redacted">Payloads that are gone, as a later entry says.</param>
/// <param name="Rows">Rows that were held against their entries.</param>
public sealed record VerifyReport(long Entries, long HeadSeq, string Chain, IReadOnlyList<BrokenEntry> Broken, bool MoreBroken, DateTimeOffset At, TimeSpan Took, long Payloads, long Redacted, RowCounts Rows)
{
    /// <summary>What no verification can vouch for: it is the present state, of which only the history is on record.</summary>
    public const string NotCompared = "people, roles, groups, tokens, keys, agents, grants, gates, rollouts, caps and alerts";

    public bool Intact => Broken.Count == 0;
}

/// <summary>
/// Walks the whole log: no number missing, every hash right, the searchable columns and the payloads as hashed, and the end where the head says it is,
/// so that entries cut off the tail are missed. Reading and hashing overlap; each entry is held against its predecessor as stored, so one broken entry is reported once.
/// Then the rows that people read are held against it (<see cref="RowVerifier"/>).
/// </summary>
public sealed class AuditVerifier(IDbContextFactory<OpsDbContext> factory, TimeProvider? time = null)
{
    public const int MaxBroken = 20;
    private const int Chunk = 8_192;
    /// <summary>How many characters of payloads are held at once, twice: one stretch is read while the one before it is checked.</summary>
    internal int Budget { get; init; } = 16 << 20;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <param name="kept">A head from an earlier day, kept where the database's owner cannot change it: notices a log that was cut off or written anew as a whole.</param>
    public async Task<VerifyReport> VerifyAsync(IProgress<VerifyProgress>? progress, CancellationToken ct, KeptHead? kept = null)
    {
        var (began, started) = (_time.GetUtcNow(), _time.GetTimestamp());
        List<BrokenEntry> broken = [];
        List<BrokenEntry> beyond = [];
        var (head, last, redactions) = await EndAsync(beyond, ct);
        var (payloadCount, redacted) = (0L, 0L);
        var (read, expected, previous) = (0L, 1L, new byte[AuditLeaf.HashLength]);
        var atHead = head.Seq == 0 ? previous : null;
        var next = ReadAsync(0, last, ct);
        while (true)
        {
            var (entries, payloads) = await next;
            if (entries.Count == 0) break;
            next = ReadAsync(entries[^1].Seq, last, ct);
            try
            {
                var (present, erased) = Check(entries, payloads, redactions, expected, previous, broken);
                (payloadCount, redacted) = (payloadCount + present, redacted + erased);
            }
            catch
            {
                await Task.WhenAny(next);
                throw;
            }
            if (entries.Find(e => e.Seq == head.Seq) is { } end) atHead = end.Chain;
            if (entries.Find(e => e.Seq == kept?.Seq) is { } then && Convert.ToHexStringLower(then.Chain) != kept!.Chain) broken.Add(new BrokenEntry(then.Seq, "its chain hash is not the one that was kept: the log was written anew"));
            (read, expected, previous) = (read + entries.Count, entries[^1].Seq + 1, entries[^1].Chain);
            progress?.Report(new VerifyProgress(Math.Min(read, last), last));
        }
        if (last < head.Seq) broken.Add(new BrokenEntry(last + 1, $"the log ends at entry {last}, but its head says {head.Seq}: {head.Seq - last} entries at the end are missing"));
        else if (last > head.Seq) broken.Add(new BrokenEntry(head.Seq + 1, $"the head says that the log ends at entry {head.Seq}, but there are entries up to {last}"));
        else if (atHead is null || !atHead.AsSpan().SequenceEqual(head.Chain)) broken.Add(new BrokenEntry(head.Seq, "its chain hash is not the one at the head of the log"));
        if (kept?.Seq > last) broken.Add(new BrokenEntry(last + 1, $"the log ends at entry {last}, but a head at entry {kept.Seq} was kept: it was cut off"));
        broken.AddRange(beyond);
        var rows = await new RowVerifier(factory).VerifyAsync(last, broken.Add, seq => progress?.Report(new VerifyProgress(seq, last, Rows: true)), ct);
        return new VerifyReport(read, head.Seq, Convert.ToHexStringLower(previous), [.. broken.Take(MaxBroken)], broken.Count > MaxBroken, began, _time.GetElapsedTime(started), payloadCount, redacted, rows);
    }

    /// <summary>The head and the last entry as of one moment, also while the console writes; the entries whose payloads were redacted. Rows beyond the last entry belong to none.</summary>
    private async Task<(LogHead Head, long Last, HashSet<long> Redacted)> EndAsync(List<BrokenEntry> beyond, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var head = await db.Head.AsNoTracking().SingleOrDefaultAsync(ct) ?? throw new InvalidDataException("The log has no head: this is not a database of the console, or the row was removed.");
        var last = await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => (long?)a.Seq).FirstOrDefaultAsync(ct) ?? 0;
        foreach (var (what, numbers) in new (string, IQueryable<long>)[]
            { ("payload", db.Payloads.Select(p => p.Seq)), ("decision", db.Decisions.Select(d => d.Seq)), ("approval", db.Approvals.Select(a => a.Seq)), ("outcome", db.Outcomes.Select(o => o.DecisionSeq)), ("alert", db.Alerts.Select(a => a.Seq)) })
        {
            if (await numbers.Where(seq => seq > last || seq < 1).OrderByDescending(seq => seq).Select(seq => (long?)seq).FirstOrDefaultAsync(ct) is { } number)
                beyond.Add(new BrokenEntry(number, $"there is a row of kind '{what}' with this number, but no such entry"));
        }
        HashSet<long> redacted = [];
        await foreach (var entry in db.Audit.AsNoTracking().Where(a => a.Event == AuditPayload.Redacted).Select(a => new { a.Seq, a.Object }).AsAsyncEnumerable().WithCancellation(ct))
        {
            if (AuditPayload.SeqOf(entry.Object) is { } about && about < entry.Seq) redacted.Add(about);
        }
        return (head, last, redacted);
    }

    private async Task<(List<AuditEntry> Entries, List<AuditPayload> Payloads)> ReadAsync(long after, long last, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var entries = await db.Audit.AsNoTracking().Where(a => a.Seq > after && a.Seq <= last).OrderBy(a => a.Seq).Take(Chunk).ToListAsync(ct).ConfigureAwait(false);
        if (entries.Count == 0) return (entries, []);
        var (from, to) = (entries[0].Seq, entries[^1].Seq);
        List<AuditPayload> payloads = [];
        var left = Budget;
        await foreach (var payload in db.Payloads.AsNoTracking().Where(p => p.Seq >= from && p.Seq <= to).OrderBy(p => p.Seq).AsAsyncEnumerable().WithCancellation(ct).ConfigureAwait(false))
        {
            if (payload.Body.Length > left && payloads.Count > 0)
            {
                // Large ones: the stretch ends before this entry, and the next one begins with it.
                entries.RemoveAll(e => e.Seq >= payload.Seq);
                break;
            }
            payloads.Add(payload);
            left -= payload.Body.Length;
        }
        return (entries, payloads);
    }

    private static (int Payloads, int Redacted) Check(List<AuditEntry> entries, List<AuditPayload> payloads, HashSet<long> redacted, long expected, byte[] previous, List<BrokenEntry> broken)
    {
        var payloadOf = payloads.ToDictionary(p => p.Seq);
        var why = new string?[entries.Count];
        Parallel.For(0, entries.Count, i =>
        {
            var entry = entries[i];
            var (seq, prev) = i == 0 ? (expected, previous) : (entries[i - 1].Seq + 1, entries[i - 1].Chain);
            why[i] = AuditLeaf.Check(entry, seq, prev, payloadOf.GetValueOrDefault(entry.Seq), redacted.Contains(entry.Seq));
        });
        for (var i = 0; i < why.Length && broken.Count <= MaxBroken; i++)
        {
            if (why[i] is not { } found) continue;
            var missing = i == 0 ? expected : entries[i - 1].Seq + 1;
            broken.Add(new BrokenEntry(entries[i].Seq == missing ? missing : Math.Min(missing, entries[i].Seq), found));
        }
        return (payloads.Count, redacted.Count == 0 ? 0 : entries.Count(e => redacted.Contains(e.Seq) && !payloadOf.ContainsKey(e.Seq)));
    }
}
