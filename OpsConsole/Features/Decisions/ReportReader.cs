using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions;

/// <summary>From the wire form of a report (protocols.md, section N) to a <see cref="Report"/>, strictly.</summary>
internal static class ReportReader
{
    private static readonly Dictionary<string, ReportStatus> Statuses = new() { ["succeeded"] = ReportStatus.Succeeded, ["failed"] = ReportStatus.Failed, ["skipped"] = ReportStatus.Skipped };

    public static Result<Report> Read(JsonElement body)
    {
        var fields = new Fields(body);
        var status = fields.Word("status", Statuses, required: true);
        fields.Any("result");
        var error = fields.Text("error", 4_000);
        var cost = fields.Object("cost");
        var writes = fields.Any("writes");
        if (fields.Finish() is { } wrong) return wrong;
        if (AskReader.Cost(cost, "cost", out var usd, out var tokens) is { } wrongCost) return wrongCost;
        List<WriteTarget> targets = [];
        if (writes.ValueKind != JsonValueKind.Undefined)
        {
            if (writes.ValueKind != JsonValueKind.Array || writes.GetArrayLength() > 1_000) return Fault.Invalid("field.invalid", "writes must be a list of at most 1000.", "writes");
            foreach (var write in writes.EnumerateArray())
            {
                if (Write(write, $"writes[{targets.Count}]", targets) is { } fault) return fault;
            }
        }
        var text = Jcs.Text(body);
        return new Report(status!.Value, error, usd, tokens, targets, text, SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static Fault? Write(JsonElement write, string path, List<WriteTarget> targets)
    {
        var fields = new Fields(write, path);
        var (system, record) = (fields.Text("system", 200, required: true), fields.Text("record", 500, required: true));
        fields.Text("operation", 100, required: true);
        fields.Any("before");
        fields.Any("after");
        var undo = fields.Object("undo");
        if ((fields.Finish() ?? AnnouncedUndo.Check(undo, path + ".undo")) is { } wrong) return wrong;
        targets.Add(new WriteTarget(system!, record!));
        return null;
    }
}
