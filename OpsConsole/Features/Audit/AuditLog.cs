using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Audit;

/// <summary>What to look for in the log; null is no demand.</summary>
/// <param name="Actor"><c>person:…</c>, <c>agent:…</c> or <c>system:console</c>.</param>
public sealed record AuditFilter(string? Event = null, string? Actor = null, string? Object = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>An entry of the log.</summary>
/// <param name="Leaf">The text that was hashed, byte for byte.</param>
public sealed record AuditEntryView(long Seq, DateTimeOffset At, string Event, string Actor, string ActorName, string Object, string? RolloutId, long? DecisionSeq, string Leaf, string LeafSha256, string Chain);

/// <summary>An entry with what it stands on.</summary>
/// <param name="HasPayload">The leaf commits to a payload.</param>
/// <param name="Payload">The payload; null when there never was one, or it was redacted.</param>
/// <param name="Problem">Why this entry does not fit, or null.</param>
public sealed record AuditProof(AuditEntryView Entry, string PreviousChain, bool HasPayload, string? Payload, string? Salt, string? Problem);

/// <summary>Reads the log, newest first. For admins and auditors.</summary>
public sealed class AuditLog(IDbContextFactory<OpsDbContext> factory, DurableWriter writer)
{
    private const string Asked = "decision.asked";
    private static readonly Fault NotForYou = Fault.Forbidden("Admins and auditors read the log.");

    public async Task<Result<Wire.Page<AuditEntryView>>> ListAsync(PersonCaller me, AuditFilter filter, string? after, int limit, CancellationToken ct)
    {
        if (!Permissions.MayReadAudit(me.Person)) return NotForYou;
        var before = long.MaxValue;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of an earlier page.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        var from = filter.From is { } start ? await LogClock.FirstSeqAtAsync(db, start, null, ct) : 0;
        if (filter.To is { } end) before = Math.Min(before, await LogClock.FirstSeqAtAsync(db, end, null, ct));

        var range = db.Audit.AsNoTracking().Where(a => a.Seq < before && a.Seq >= from);
        List<AuditEntry> rows;
        if (filter is { Event: null, Actor: null, Object: null }) rows = await range.OrderByDescending(a => a.Seq).Take(limit + 1).ToListAsync(ct);
        else
        {
            // Asks are most of the log, so the indexes leave them out; they are found by the decisions they became.
            rows = filter.Event == Asked ? [] : await Others(range, filter).OrderByDescending(a => a.Seq).Take(limit + 1).ToListAsync(ct);
            if (filter.Event is null or Asked) rows = [.. rows.Concat(await AsksAsync(db, range, filter, before, from, limit + 1, ct)).OrderByDescending(a => a.Seq).Take(limit + 1)];
        }
        return Wire.PageOf(rows, limit, a => a.Seq.ToString(CultureInfo.InvariantCulture), View);
    }

    /// <summary>One entry with its hashes recomputed.</summary>
    public async Task<Result<AuditProof>> FindAsync(PersonCaller me, long seq, CancellationToken ct)
    {
        if (!Permissions.MayReadAudit(me.Person)) return NotForYou;
        await using var db = await factory.CreateDbContextAsync(ct);
        var pair = await db.Audit.AsNoTracking().Where(a => a.Seq == seq || a.Seq == seq - 1).ToListAsync(ct);
        if (pair.Find(a => a.Seq == seq) is not { } entry) return Fault.NotFound("entry");
        var previous = pair.Find(a => a.Seq == seq - 1)?.Chain ?? (seq == 1 ? new byte[AuditLeaf.HashLength] : []);
        var payload = await db.Payloads.AsNoTracking().SingleOrDefaultAsync(p => p.Seq == seq, ct);
        var about = AuditPayload.ObjectOf(seq);
        var redacted = payload is null && await db.Audit.AsNoTracking().AnyAsync(a => a.Object == about && a.Event == AuditPayload.Redacted && a.Event != Asked && a.Seq > seq, ct);
        var problem = previous.Length == 0 ? $"entry {seq - 1} is missing" : AuditLeaf.Check(entry, seq, previous, payload, redacted);
        return new AuditProof(View(entry), Convert.ToHexStringLower(previous), Commits(entry.Leaf), payload?.Body, payload is null ? null : Convert.ToHexStringLower(payload.Salt), problem);
    }

    private static IQueryable<AuditEntry> Others(IQueryable<AuditEntry> range, AuditFilter filter)
    {
        var query = range.Where(a => a.Event != Asked);   // the indexes' own condition
        if (filter.Object is { } obj) query = query.Where(a => a.Object == obj);
        if (filter.Actor is { } actor) query = query.Where(a => a.Actor == actor);
        if (filter.Event is { } evt) query = query.Where(a => a.Event == evt);
        return query;
    }

    private static async Task<List<AuditEntry>> AsksAsync(OpsDbContext db, IQueryable<AuditEntry> range, AuditFilter filter, long before, long from, int limit, CancellationToken ct)
    {
        if (filter.Object is { } obj)
        {
            if (!Ids.TrySeq(obj, "dec", out var seq)) return [];
            var one = range.Where(a => a.Seq == seq && a.Event == Asked && a.Object == obj);
            if (filter.Actor is { } by) one = one.Where(a => a.Actor == by);
            return await one.ToListAsync(ct);
        }
        if (filter.Actor is { } actor)
        {
            if (!actor.StartsWith("agent:", StringComparison.Ordinal)) return [];
            var agentId = actor["agent:".Length..];
            var seqs = await db.Decisions.AsNoTracking().Where(d => d.AgentId == agentId && d.Seq < before && d.Seq >= from).OrderByDescending(d => d.Seq).Select(d => d.Seq).Take(limit).ToListAsync(ct);
            return await db.Audit.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToListAsync(ct);
        }
        return filter.Event == Asked ? await range.Where(a => a.Event == Asked).OrderByDescending(a => a.Seq).Take(limit).ToListAsync(ct) : [];
    }

    private AuditEntryView View(AuditEntry a) => View(a, writer.State);

    internal static AuditEntryView View(AuditEntry a, Core.Decisions.ConsoleState state)
        => new(a.Seq, a.At, a.Event, a.Actor, NameOf(a.Actor, state), a.Object, a.RolloutId, a.DecisionSeq, a.Leaf, Convert.ToHexStringLower(AuditLeaf.LeafHash(Encoding.UTF8.GetBytes(a.Leaf))), Convert.ToHexStringLower(a.Chain));

    internal static string NameOf(string actor, Core.Decisions.ConsoleState state)
    {
        var cut = actor.IndexOf(':');
        var (type, id) = cut < 0 ? ("", actor) : (actor[..cut], actor[(cut + 1)..]);
        return type switch { "person" => state.Directory.NameOf(id), "agent" => state.Agents.TryGetValue(id, out var agent) ? agent.Name : id, _ => "The console" };
    }

    private static bool Commits(string leaf)
    {
        try
        {
            using var document = JsonDocument.Parse(leaf);
            return document.RootElement.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object && details.TryGetProperty("payload_sha256", out _);
        }
        catch (JsonException)
        {
            return false;   // a leaf that was tampered with is shown as it is
        }
    }
}
