using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary>Puts patches on record as part of a change that has seen to the right. Whoever calls knows that the fields are fields: those of the worksheets, or of a text of its own that several people write.</summary>
public static class PatchWriter
{
    /// <summary>A sheet has at most this many rows, and a field this many texts at once.</summary>
    public const int MostRows = 200, MostRivals = 20;

    internal static Fault Full(string field) => Fault.Refused("rows.full", $"A worksheet has at most {MostRows} rows. Take some out first.", field);

    /// <summary>
    /// Puts them on record, all or none; one that came before is taken again without a change. Signals <see cref="WorksheetDesk.Topic"/>. Faults: <c>over.unknown</c>, <c>row.unknown</c>, <c>rows.full</c>, <c>field.contested</c>,
    /// <c>patch.other</c> when another patch has this id.
    /// </summary>
    /// <param name="id">Whose texts: a rollout's id, or that of what has texts of its own.</param>
    /// <param name="fresh">Nothing was ever written in this rollout, so that nothing need be looked up.</param>
    /// <param name="audited">The event on the log.</param>
    /// <param name="rollout">The rollout, where <paramref name="id"/> is none.</param>
    public static async Task<Result<PatchesTaken>> PutAsync(ChangeScope scope, PersonCaller caller, string id, IReadOnlyList<PatchRequest> requests, CancellationToken ct, bool fresh = false, string audited = "worksheet.changed", string? rollout = null)
    {
        string[] ids = [.. requests.Select(r => r.Id).Concat(requests.SelectMany(r => r.Over)).Distinct()];
        var known = fresh ? new Dictionary<string, Patch>(StringComparer.Ordinal) : await scope.Db.Patches.Where(p => p.RolloutId == id && ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, StringComparer.Ordinal, ct);
        var standing = fresh ? StandingNow.Nothing : await StandingNow.ReadAsync(scope.Db, id, [.. requests.Select(r => FieldKey.Parse(r.Field)!.Value)], ct);
        var placed = requests.Where(r => r.Value.Length > 0).Select(r => FieldKey.Parse(r.Field)!.Value).Where(k => k.Name == FieldKey.Place).ToHashSet();
        foreach (var (i, request) in requests.Index())
        {
            var key = FieldKey.Parse(request.Field)!.Value;
            if (known.TryGetValue(request.Id, out var before))
            {
                if (before.Field == key && before.Value == request.Value && before.Author == caller.Id) continue;
                return Fault.Conflict("patch.other", "Another patch has this id. Give each a new one.", new Dictionary<string, object?> { ["id"] = request.Id });
            }
            if (key.Row is not null && !standing.Has(key with { Name = FieldKey.Place }) && !placed.Contains(key with { Name = FieldKey.Place })) return Fault.Refused("row.unknown", "There is no such row. A row begins with its place: sheet/row/place.", $"patches[{i}].field");
            var comes = key.Name == FieldKey.Place && request.Value.Length > 0 && !standing.IsPlaced(key);
            foreach (var over in request.Over)
            {
                if (!known.TryGetValue(over, out var replaced) || replaced.Field != key) return Fault.Refused("over.unknown", $"No patch of this field is called {over}. Read the worksheet again; your text is not lost.", $"patches[{i}].over");
                replaced.Replace();
                standing.Remove(replaced);
            }
            if (standing.Count(key) >= MostRivals) return Fault.Refused("field.contested", "Too many texts stand in this field at once. Choose one of them first.", $"patches[{i}].field");
            var patch = new Patch(id, request.Id, key, request.Over, request.Value, caller.Id, scope.Now);
            scope.Db.Patches.Add(patch);
            known[patch.Id] = patch;
            standing.Add(patch);
            if (comes && await standing.RowsAsync(scope.Db, id, key.Sheet, ct) > MostRows) return Full($"patches[{i}].field");
            scope.Audit(caller.Actor, audited, id, new { field = request.Field, patch = patch.Id, over = request.Over }, new { value = request.Value }, rollout ?? id);
        }
        await scope.Db.SaveChangesAsync(ct);
        scope.Signal(WorksheetDesk.Topic(id));
        return new PatchesTaken([.. requests.Select(r => r.Id)], requests.Max(r => known[r.Id].Seq));
    }

    /// <summary>Every text that ever stood in a field, newest first; <c>after</c> is the id of a patch. Whoever calls has seen to the right. Fault: <c>field.invalid</c>.</summary>
    /// <param name="id">As in <see cref="PutAsync"/>.</param>
    public static async Task<Result<Wire.Page<PatchView>>> HistoryAsync(OpsDbContext db, string id, FieldKey key, PageQuery page, PeopleDirectory directory, CancellationToken ct)
    {
        var patches = db.Patches.AsNoTracking().Where(p => p.RolloutId == id && p.Field == key);
        if (page.After is { } after)
        {
            var before = await patches.Where(p => p.Id == after).Select(p => p.Seq).SingleOrDefaultAsync(ct);
            if (before == 0) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
            patches = patches.Where(p => p.Seq < before);
        }
        var rows = await patches.OrderByDescending(p => p.Seq).Take(page.Limit + 1).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, p => p.Id, p => new PatchView(p.Id, p.Value, p.Author, directory.NameOf(p.Author), p.At, p.Over, !p.Replaced));
    }
}
