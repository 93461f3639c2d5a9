using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary>The worksheets of a rollout: what stands in them, and patches that people send. Signals the topic <c>sheets:&lt;rollout&gt;</c>.</summary>
internal sealed class WorksheetDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, WorksheetState sheets)
{
    internal const string Writers = "Worksheets are written by the members of the rollout, a facilitator or an admin.";

    public static string Topic(string rolloutId) => "sheets:" + rolloutId;
    /// <summary>Who has the worksheets open, and in which field they stand (<c>Presence</c>).</summary>
    public static string PeopleTopic(string rolloutId) => "sheets-people:" + rolloutId;

    public Fault? MaySee(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id).Fault;
    public Fault? MayWrite(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayWrite, Writers).Fault;

    /// <summary>Everything as it stands, for pages.</summary>
    public async Task<Result<WorksheetsView>> PageAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var members = rollout.Members.Select(m => m.PersonId).Distinct().Where(state.Directory.People.ContainsKey).Select(p => state.Directory.People[p]).Where(p => !p.Disabled).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase);
        return new WorksheetsView(rollout.Name, MayWrite(caller, id) is null, await sheets.NowAsync(id, ct),
            [.. Roster.Named.Select(r => ("role:" + r.Wire(), "the " + r.Words())), .. members.Select(p => (ApproverEntry.User + p.Email, VisibleText.Flatten(p.Name)))], state.Directory.NameOf);
    }

    public async Task<Result<WorksheetView>> SheetAsync(PersonCaller caller, string id, string sheet, CancellationToken ct)
    {
        if (MaySee(caller, id) is { } hidden) return hidden;
        if (WorksheetSpecs.Find(sheet) is not { } spec) return Fault.NotFound("worksheet");
        var now = await sheets.NowAsync(id, ct);
        var worksheet = now.Sheet(sheet);
        return new WorksheetView(spec.Id, spec.Title, spec.Step, now.Sequence, spec.Row is null
            ? [new WorksheetRowView(null, null, [.. spec.Fields.Select(f => View(f, worksheet[new FieldKey(sheet, null, f.Name)]))])]
            : [.. worksheet.Rows.Select(r => new WorksheetRowView(r.Id, r.Place, [.. spec.Fields.Select(f => View(f, r.Fields.GetValueOrDefault(f.Name, Register.Empty)))]))]);
    }

    /// <summary>Every text that ever stood in a field, newest first; <c>after</c> is the id of a patch.</summary>
    public async Task<Result<Wire.Page<PatchView>>> HistoryAsync(PersonCaller caller, string id, string field, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (MaySee(caller, id) is { } hidden) return hidden;
        if (Known(field) is not { } key) return Fault.NotFound("field of a worksheet");
        await using var db = await factory.CreateDbContextAsync(ct);
        return await PatchWriter.HistoryAsync(db, id, key, page, state.Directory, ct);
    }

    /// <summary>
    /// Puts texts on record, all or none. A patch that came before is taken again without a change. Faults: <c>field.invalid</c>, <c>field.unknown</c>, <c>over.unknown</c>, <c>place.invalid</c>, <c>row.unknown</c>,
    /// <c>rows.full</c>, <c>field.contested</c>, <c>patch.other</c> when another patch has this id.
    /// </summary>
    public async Task<Result<PatchesTaken>> PatchAsync(PersonCaller caller, string id, IReadOnlyList<PatchRequest> requests)
    {
        if (MayWrite(caller, id) is { } forbidden) return forbidden;
        if (PatchRequest.Check(requests) is { } bad) return bad;
        foreach (var (i, request) in requests.Index()) if (Check(request, $"patches[{i}]") is { } wrong) return wrong;
        return await writer.ChangeAsync<PatchesTaken>(async (scope, ct) => Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, Writers).Fault is { } refused ? refused : await PatchWriter.PutAsync(scope, caller, id, requests, ct));
    }

    private FieldView View(FieldSpec spec, Register register) => new(spec.Name, register.Value, [.. register.Standing.Select(p => new StandingView(p.Id, p.Value, p.Author, writer.State.Directory.NameOf(p.Author), p.At))], spec.Problem(register.Value));

    /// <summary>The field that a text names; null where there is none.</summary>
    internal static FieldKey? Known(string field) => FieldKey.Parse(field) is { } key && IsKnown(key) ? key : null;

    private static bool IsKnown(FieldKey key) => WorksheetSpecs.Find(key.Sheet) is { } spec && (spec.Row is null) == (key.Row is null) && (spec.Field(key.Name) is not null || (key.Row is not null && key.Name == FieldKey.Place));

    private static Fault? Check(PatchRequest request, string path)
    {
        if (FieldKey.Parse(request.Field) is not { } key || !IsKnown(key)) return Fault.Refused("field.unknown", $"There is no field '{request.Field}'. A field is called sheet/field, or sheet/row/field in a sheet of rows.", path + ".field");
        return key.Name == FieldKey.Place && request.Value.Length > 0 && !RowPlace.IsOne(request.Value) ? Fault.Refused("place.invalid", "A place is made of digits and small letters and does not end in 0; empty takes the row out.", path + ".value") : null;
    }
}
