using System.Text.Json.Nodes;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Decisions;

/// <summary>A person's word on a write that nobody reported.</summary>
public sealed class Reconciliation(DecisionService decisions)
{
    /// <param name="status">succeeded, failed or skipped.</param>
    /// <param name="words">How the person knows.</param>
    public async Task<Result<Done>> RecordAsync(PersonCaller me, string decisionId, string status, string words, CancellationToken ct)
    {
        var body = new JsonObject { ["status"] = status };
        if (status == "failed") body["error"] = words; else body["result"] = new JsonObject { ["note"] = words };
        var report = ReportReader.Read(JsonSerializer.SerializeToElement(body));
        if (report.Fault is { } wrong) return wrong;
        var result = await decisions.ReconcileAsync(me, decisionId, report.Value, ct);
        return result.Fault is { } fault ? fault : Done.Value;
    }
}
