using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Workshop;

/// <summary>The escalation matrix and runbook, for other parts of the console that write into it: as patches like everybody's, in the worksheet's history.</summary>
public static class Runbook
{
    public static bool MayChange(ConsoleState state, PersonCaller caller, string rolloutId) => Sight.Rollout(state, caller, rolloutId, Permissions.MayWrite, WorksheetDesk.Writers).Ok;

    /// <summary>Writes what is done in a scenario, or adds a scenario with what is done. Gives the row's id. Faults: those of a patch, not found, forbidden, <c>row.unknown</c>, <c>runbook.stale</c> (it says something else than <paramref name="was"/>).</summary>
    /// <param name="row">Of the scenario; null: a new one called <paramref name="scenario"/>.</param>
    /// <param name="was">What the response said when the writer began.</param>
    public static async Task<Result<string>> WriteAsync(ChangeScope scope, PersonCaller caller, string rolloutId, string? row, string scenario, string response, string? was, CancellationToken ct)
    {
        if (Sight.Rollout(scope.State, caller, rolloutId, Permissions.MayWrite, WorksheetDesk.Writers).Fault is { } refused) return refused;
        var standing = await StartDesk.StandingAsync(scope.Db, rolloutId, ct);
        var sheet = Worksheet.Of(WorksheetSpecs.Escalation.Id, standing);
        List<(FieldKey, string)> texts = [];
        if (row is not null)
        {
            if (sheet.Rows.FirstOrDefault(r => r.Id == row) is not { } here) return Fault.Refused("row.unknown", "This scenario is no longer in the escalation matrix. Look at it again.", "row");
            if (was is not null && was != here.Text("response")) return new Fault(FaultKind.Stale, "runbook.stale", "Somebody changed this response meanwhile. Look at what it says now; what you wrote is still in the field.");
            if (here.Text("response") == response) return row;
        }
        else
        {
            row = Guid.NewGuid().ToString("N")[..12];
            texts.Add((new FieldKey(sheet.Id, row, FieldKey.Place), RowPlace.Between(sheet.Rows is [.., var last] ? last.Place : null, null)));
            texts.Add((new FieldKey(sheet.Id, row, "scenario"), scenario));
        }
        texts.Add((new FieldKey(sheet.Id, row, "response"), response));
        var put = await PatchWriter.PutAsync(scope, caller, rolloutId, StartDesk.Requests(texts, standing), ct);
        return put.Fault is { } wrong ? wrong : row;
    }
}
