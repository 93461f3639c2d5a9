using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents;

/// <summary>Who changed a template when, and what: read out of the log, which keeps every version; the template itself only says what it says now.</summary>
internal sealed class TemplateHistory(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    private const string Created = "template.created", Changed = "template.changed";

    /// <summary>Newest first; <c>after</c> is the number of an entry. Whoever reads templates reads this.</summary>
    public async Task<Result<Wire.Page<TemplateChangeView>>> ListAsync(string id, PageQuery page, CancellationToken ct)
    {
        var before = long.MaxValue;
        if (page.After is { } after && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        if (!await db.TierTemplates.AsNoTracking().AnyAsync(t => t.Id == id, ct)) return Fault.NotFound("template");
        var shown = await Entries(db, id, before).Take(page.Limit + 1).ToListAsync(ct);
        if (shown.Count == 0) return new Wire.Page<TemplateChangeView>([], null);
        // What the last one shown changed stands in an earlier entry.
        var last = shown[^1].Seq;
        var earlier = await Entries(db, id, last).Where(a => a.Event == Created || a.Event == Changed).Take(1).ToListAsync(ct);
        List<AuditEntry> saved = [.. shown.Concat(earlier).Where(a => a.Event is Created or Changed)];
        var seqs = saved.ConvertAll(a => a.Seq);
        var texts = await db.Payloads.AsNoTracking().Where(p => seqs.Contains(p.Seq)).ToDictionaryAsync(p => p.Seq, p => Text.Of(p.Body), ct);
        var directory = writer.State.Directory;
        return Wire.PageOf(shown, page.Limit, a => a.Seq.ToString(CultureInfo.InvariantCulture), a =>
        {
            var entry = LogEvent.Of(a.Seq, a.Leaf, null);
            var by = entry?.Word("by") ?? a.Actor[(a.Actor.IndexOf(':') + 1)..];
            return new TemplateChangeView(a.Seq, a.Event[(a.Event.IndexOf('.') + 1)..], (int)(entry?.Number("version") ?? 0), by, directory.NameOf(by), a.At, a.Event == Changed ? Words(Of(a.Seq), Of(saved.Find(s => s.Seq < a.Seq)?.Seq ?? 0)) : []);
        });

        Text? Of(long seq) => texts.GetValueOrDefault(seq);
    }

    internal static IQueryable<AuditEntry> Entries(OpsDbContext db, string id, long before)
        => db.Audit.AsNoTracking().Where(a => a.Object == id && a.Event != RowRules.AskedEvent && a.Seq < before).OrderByDescending(a => a.Seq);   // the index's own condition

    private static List<string> Words(Text? now, Text? before)
    {
        if (now is null || before is null) return ["What it said is erased from the log, so that the difference cannot be told."];
        List<string> words = [];
        if (before.Name != now.Name) words.Add($"Renamed from “{before.Name}” to “{now.Name}”.");
        if (before.Description != now.Description) words.Add("Another description.");
        words.AddRange(TemplateChanges.Between(before.Lines, now.Lines));
        return words;
    }

    private sealed record Text(string Name, string Description, IReadOnlyList<TemplateLine> Lines)
    {
        /// <summary>Null for what cannot be read (any more).</summary>
        public static Text? Of(string payload)
        {
            try
            {
                using var document = JsonDocument.Parse(payload);
                var root = document.RootElement;
                return TemplateLines.Parse(root.GetProperty("lines")) is { Ok: true, Value: var lines } ? new Text(root.GetProperty("name").GetString()!, root.GetProperty("description").GetString()!, lines) : null;
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                return null;
            }
        }
    }
}
