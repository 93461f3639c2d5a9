using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Workshop;

/// <summary>What worksheets begin with, put in as patches like any other: the usual rows of one sheet, or a worked example in all of them. Only where nothing stands yet.</summary>
internal sealed class StartDesk(DurableWriter writer)
{
    /// <summary>The sheets that a worked example fills in.</summary>
    public static readonly IReadOnlyList<string> Filled = ["canvas", "escalation", "tests", "checklist"];

    public Fault? MayStart(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayWrite, WorksheetDesk.Writers).Fault;

    /// <summary>Whether nothing stands in any sheet that a worked example fills in.</summary>
    public static bool IsEmpty(SheetsNow now) => Filled.All(s => IsEmpty(s, now.Sheet(s)));

    /// <summary>Puts the usual rows into an empty sheet. Faults: not found (no such sheet, or none that has usual rows), <c>sheet.not_empty</c>.</summary>
    public Task<Result<PatchesTaken>> StartAsync(PersonCaller caller, string id, string sheet)
        => FillAsync(caller, id, [sheet], StartRows.Of(sheet) is { Count: > 0 } rows ? [.. WorkedSheets.Texts(sheet, rows)] : null, "usual rows of this worksheet");

    /// <summary>Fills in a worked example. Faults: not found, <c>sheet.not_empty</c>.</summary>
    public Task<Result<PatchesTaken>> UseAsync(PersonCaller caller, string id, string name) => FillAsync(caller, id, Filled, WorkedSheets.Find(name)?.Texts, "worked example");

    private async Task<Result<PatchesTaken>> FillAsync(PersonCaller caller, string id, IReadOnlyList<string> sheets, IReadOnlyList<(FieldKey Field, string Text)>? texts, string what)
    {
        if (MayStart(caller, id) is { } forbidden) return forbidden;
        if (texts is null) return Fault.NotFound(what);
        return await writer.ChangeAsync<PatchesTaken>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, WorksheetDesk.Writers).Fault is { } refused) return refused;
            var standing = await StandingAsync(scope.Db, id, ct);
            if (sheets.FirstOrDefault(s => !IsEmpty(s, Worksheet.Of(s, standing))) is { } taken)
                return Fault.Conflict("sheet.not_empty", $"Something stands in “{WorksheetSpecs.Find(taken)!.Title}” already, so nothing was put in. Somebody may have been quicker: look again.", new Dictionary<string, object?> { ["sheet"] = taken });
            return await PatchWriter.PutAsync(scope, caller, id, Requests(texts, standing), ct);
        });
    }

    /// <summary>Patches that put these texts over whatever stands there, such as rows that were taken out.</summary>
    internal static IReadOnlyList<PatchRequest> Requests(IEnumerable<(FieldKey Field, string Text)> texts, IReadOnlyList<Patch> standing)
    {
        var over = standing.ToLookup(p => p.Field, p => p.Id);
        return [.. texts.Select(t => new PatchRequest(Guid.NewGuid().ToString("N"), t.Field.ToString(), [.. over[t.Field]], t.Text))];
    }

    internal static Task<List<Patch>> StandingAsync(OpsDbContext db, string id, CancellationToken ct) => db.Patches.AsNoTracking().Where(p => p.RolloutId == id && !p.Replaced).ToListAsync(ct);

    private static bool IsEmpty(string id, Worksheet sheet) => WorksheetSpecs.Find(id) is { Row: null } spec ? !spec.Fields.Any(f => sheet.Has(f.Name)) : sheet.Rows.Count == 0;
}
