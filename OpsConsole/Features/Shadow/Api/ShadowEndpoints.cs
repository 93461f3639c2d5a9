using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Shadow.Api;

/// <summary>The body of <c>POST decisions/{id}/human</c>, for the OpenAPI document.</summary>
public sealed record HumanDto(string Did, string? Action, System.Text.Json.JsonElement? Arguments, string? Note);

/// <summary>What people did where agents only proposed, and how that agrees.</summary>
internal static class ShadowEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/api/v1/decisions/{id}/human", RecordAsync).ForPeople("decisions").Takes<HumanDto>().WithTags("Shadow").Produces<ShadowRecordView>()
            .WithDescription("Says what people did where the agent only proposed: same, edited (the same action with other arguments), different (another action) or nothing. Recording again corrects it.");
        app.MapGet("/api/v1/rollouts/{id}/shadow", ReportAsync).ForPeopleWithAll("rollouts", "decisions").WithTags("Shadow").Produces<ShadowReport>()
            .WithDescription("How agents agree with people beyond chance, with the list of disagreements (after, limit); agent, action, from and to narrow it down.");
        app.MapGet("/api/v1/rollouts/{id}/shadow/samples", OpenAsync).ForPeopleWithAll("rollouts", "decisions").WithTags("Shadow").Produces<Wire.Page<ShadowSampleView>>()
            .WithDescription("Samples of which nobody has said yet what people did, newest first. Each is recorded by POST decisions/{id}/human.");
    }

    private static async Task<IResult> RecordAsync(string id, HttpContext http, JsonBody body, ShadowDesk desk, Decisions.DecisionService decisions, CancellationToken ct)
    {
        var me = http.Person()!;
        if (await decisions.FindAsync(id, null, ct) is not { } answer || !decisions.MaySee(me, answer.Decision)) return Fault.NotFound("decision").ToHttp();
        if (desk.MayRecord(me, answer.Decision.RolloutId) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(HumanRequest.Of);
        if (request.Fault is { } wrong) return wrong.ToHttp();
        var done = await desk.RecordAsync(me, id, request.Value);
        return done.Fault?.ToHttp() ?? Results.Json(done.Value, Wire.Json);
    }

    private static async Task<IResult> ReportAsync(string id, HttpContext http, ShadowReader reader, string? agent, string? action, string? from, string? to, CancellationToken ct)
    {
        var asked = Read(http, agent, action, from, to);
        if (asked.Fault is { } wrong) return wrong.ToHttp();
        var report = await reader.ReportAsync(http.Person()!, id, asked.Value.Query, ct);
        if (report.Fault is { } fault) return fault.ToHttp();
        var apart = await reader.DisagreementsAsync(http.Person()!, id, asked.Value.Query, asked.Value.Page, ct);
        return apart.Fault?.ToHttp() ?? Results.Json(report.Value with { Disagreements = apart.Value }, Wire.Json);
    }

    private static async Task<IResult> OpenAsync(string id, HttpContext http, ShadowReader reader, string? agent, string? action, string? from, string? to, CancellationToken ct)
    {
        var asked = Read(http, agent, action, from, to);
        if (asked.Fault is { } wrong) return wrong.ToHttp();
        var list = await reader.OpenAsync(http.Person()!, id, asked.Value.Query, asked.Value.Page, ct);
        return list.Fault?.ToHttp() ?? Results.Json(list.Value, Wire.Json);
    }

    private static Result<(ShadowQuery Query, PageQuery Page)> Read(HttpContext http, string? agent, string? action, string? from, string? to)
    {
        if (PageQuery.Read(http.Request) is not { Ok: true, Value: var page }) return PageQuery.Read(http.Request).Fault!;
        if (!QueryTime.TryRead(from, out var start)) return QueryTime.Wrong("from");
        if (!QueryTime.TryRead(to, out var end)) return QueryTime.Wrong("to");
        return (new ShadowQuery(string.IsNullOrEmpty(agent) ? null : agent, string.IsNullOrEmpty(action) ? null : action, start, end), page);
    }
}
