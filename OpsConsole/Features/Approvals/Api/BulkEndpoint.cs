using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals.Api;

/// <summary><c>POST approvals/bulk</c>: one answer to several requests of one kind, each with the version that was looked at.</summary>
internal static class BulkEndpoint
{
    private static readonly Dictionary<string, Verdict> Verdicts = new() { ["approve"] = Verdict.Approve, ["reject"] = Verdict.Reject };

    public static async Task<IResult> DecideAsync(HttpContext http, JsonBody body, BulkDesk desk, CancellationToken ct)
    {
        var read = await body.ReadAsync();
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var request = Read(read.Value);
        if (request.Fault is { } invalid) return invalid.ToHttp();
        var result = await desk.DecideAsync(http.Person()!, request.Value, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }

    private static Result<BulkVerdict> Read(JsonElement body)
    {
        var fields = new Fields(body);
        var verdict = fields.Word("verdict", Verdicts, required: true);
        var reason = fields.Text("reason");
        var code = fields.Text("reason_code");
        List<BulkItem> items = [];
        if (fields.Any("items") is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (var item in list.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Object)
                {
                    fields.Refuse("items", "must be objects: { \"id\": \"apr_…\", \"version\": 1 }.");
                    break;
                }
                var one = new Fields(item);
                var (id, version) = (one.Text("id", 100, required: true), one.Whole("version", 1, long.MaxValue));
                if (!one.Has("version")) one.Refuse("version", "is required: the one that was looked at.");
                if (one.Finish() is { } wrong) return wrong;
                items.Add(new BulkItem(id!, version!.Value));
            }
        }
        else fields.Refuse("items", "are required: a list of { \"id\", \"version\" }.");
        return fields.Finish() is { } fault ? fault : new BulkVerdict(items, verdict!.Value, reason, code);
    }

    /// <summary><c>version</c> of each is the one that was looked at.</summary>
    public sealed record BulkRequest(string Verdict, string? Reason, string? ReasonCode, IReadOnlyList<BulkItem> Items);
}
