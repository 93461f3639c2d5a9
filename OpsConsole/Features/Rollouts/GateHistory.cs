using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Rollouts;
using OpsConsole.Data;

namespace OpsConsole.Features.Rollouts;

/// <summary>What became of a rollout's gates, read out of the log: who passed them with which waivers, who revoked them, why they fell.</summary>
public static class GateHistory
{
    public const string Passed = "gate.passed", Revoked = "gate.revoked", Fell = "gate.fell";
    private const int Most = 1_000;

    public static string ObjectOf(string rolloutId, Gate gate) => $"{rolloutId}/{gate}";

    /// <summary>Of all gates, newest first.</summary>
    public static async Task<ILookup<string, GateEventView>> ReadAsync(OpsDbContext db, PeopleDirectory directory, string rolloutId, CancellationToken ct)
    {
        string[] events = [Passed, Revoked, Fell];
        string[] objects = [.. Gates.All.Select(g => ObjectOf(rolloutId, g))];
        var entries = await db.Audit.AsNoTracking().Where(a => a.Event != RowRules.AskedEvent && objects.Contains(a.Object) && events.Contains(a.Event)).OrderByDescending(a => a.Seq).Take(Most).ToListAsync(ct);   // the index's own condition
        var seqs = entries.Select(e => e.Seq).ToList();
        var payloads = await db.Payloads.AsNoTracking().Where(p => seqs.Contains(p.Seq)).ToDictionaryAsync(p => p.Seq, p => p.Body, ct);
        return entries.ToLookup(e => e.Object[(e.Object.IndexOf('/') + 1)..], e =>
        {
            var entry = LogEvent.Of(e.Seq, e.Leaf, payloads.TryGetValue(e.Seq, out var body) ? PayloadFacts.Of(body) : null);
            var by = entry?.Word("by") ?? e.Actor[(e.Actor.IndexOf(':') + 1)..];
            return new GateEventView(e.Event["gate.".Length..], e.At, by, directory.NameOf(by), entry?.Facts?.Reason, Words(entry, "waived"), entry?.Flag("override") ?? false);
        });
    }

    /// <summary>Ids of the criteria that were met when a gate was passed last; empty where the log does not say.</summary>
    public static async Task<IReadOnlySet<string>> MetAtPassAsync(OpsDbContext db, string rolloutId, Gate gate, CancellationToken ct)
    {
        var about = ObjectOf(rolloutId, gate);
        var leaf = await db.Audit.AsNoTracking().Where(a => a.Event != RowRules.AskedEvent && a.Object == about && a.Event == Passed).OrderByDescending(a => a.Seq).Select(a => a.Leaf).FirstOrDefaultAsync(ct);
        if (leaf is null || LogEvent.Of(0, leaf, null) is not { Details.ValueKind: JsonValueKind.Object } entry || !entry.Details.TryGetProperty("evidence", out var evidence) || evidence.ValueKind != JsonValueKind.Object) return new HashSet<string>();
        return evidence.EnumerateObject().Where(e => e.Value.ValueKind == JsonValueKind.True).Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
    }

    private static List<string> Words(LogEvent? entry, string name)
        => entry is { Details.ValueKind: JsonValueKind.Object } && entry.Details.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(w => w.GetString() ?? "")] : [];
}
