using System.Globalization;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Audit.Api;

/// <summary>The log for people who check it (protocols.md, section N), and its verification.</summary>
internal static class AuditEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/api/v1/audit/entries", ListAsync).ForPeople("audit").Produces<Wire.Page<AuditEntryView>>().WithName("list audit entries");
        app.MapGet("/api/v1/audit/entries/{seq}", FindAsync).ForPeople("audit").Produces<AuditProof>().WithName("get audit entry");
        app.MapGet("/api/v1/audit/verify", VerifyAsync).ForPeople("audit").Produces<VerifyResponse>().WithName("verify audit");
    }

    private static async Task<IResult> ListAsync(HttpContext http, AuditLog log, string? @event, string? actor, string? @object, string? from, string? to, string? after, string? limit, CancellationToken ct)
    {
        if (!Permissions.MayReadAudit(http.Person()!.Person)) return NotForYou.ToHttp();
        if (Paging.Limit(Said(limit)) is not { } rows) return Paging.WrongLimit.ToHttp();
        if (!QueryTime.TryRead(from, out var start)) return QueryTime.Wrong("from").ToHttp();
        if (!QueryTime.TryRead(to, out var end)) return QueryTime.Wrong("to").ToHttp();
        var result = await log.ListAsync(http.Person()!, new AuditFilter(Said(@event), Said(actor), Said(@object), start, end), Said(after), rows, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }

    // 'event=' without a value asks for nothing in particular.
    private static string? Said(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static async Task<IResult> FindAsync(string seq, HttpContext http, AuditLog log, CancellationToken ct)
    {
        if (!long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return Fault.NotFound("entry").ToHttp();
        var result = await log.FindAsync(http.Person()!, number, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, AuditCheck check, CancellationToken ct)
    {
        if (!Permissions.MayReadAudit(http.Person()!.Person)) return NotForYou.ToHttp();
        // Several callers share one run; a caller who leaves does not stop it for the others.
        if (await check.StartAsync().WaitAsync(ct) is not { } report) return new Fault(FaultKind.Unavailable, "audit.unreadable", check.State.Failed ?? "The log could not be read to its end.").ToHttp();
        return Results.Json(new VerifyResponse(report.Intact, report.Entries, report.HeadSeq, report.Chain, report.Broken, report.MoreBroken, report.At, (long)report.Took.TotalMilliseconds, report.Payloads, report.Redacted, report.Rows), Wire.Json);
    }

    private static readonly Fault NotForYou = Fault.Forbidden("Admins and auditors read the log.");

    /// <summary>What a verification found; <c>broken</c> lists the first 20.</summary>
    public sealed record VerifyResponse(bool Intact, long Entries, long HeadSeq, string Chain, IReadOnlyList<BrokenEntry> Broken, bool MoreBroken, DateTimeOffset At, long TookMs, long Payloads, long Redacted, RowCounts Rows);
}
