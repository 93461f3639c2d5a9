using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents.Api;

internal static class TemplateEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var templates = app.MapGroup("/api/v1/templates").ForPeople("agents").WithTags("templates");
        templates.MapGet("", ListAsync).Produces<Wire.Page<TemplateView>>();
        templates.MapPost("", CreateAsync).Takes<TemplateBody>().Produces<TemplateView>(StatusCodes.Status201Created);
        templates.MapGet("/{id}", GetAsync).Produces<TemplateView>();
        templates.MapPut("/{id}", ChangeAsync).Takes<TemplateBody>().Produces<TemplateView>();
        templates.MapDelete("/{id}", ArchiveAsync).Produces(StatusCodes.Status204NoContent).WithDescription("Archives it; with If-Match only the version that was seen (else 412).");
        templates.MapGet("/{id}/history", HistoryAsync).Produces<Wire.Page<TemplateChangeView>>().WithDescription("Who changed it when, and what, newest first.");
        templates.MapPost("/{id}/restore", RestoreAsync).Produces<TemplateView>();
        var agent = app.MapGroup("/api/v1/agents/{id}/templates").ForPeople("agents").WithTags("templates");
        agent.MapGet("", AppliedAsync).Produces<Wire.Page<AppliedTemplate>>();
        agent.MapPost("", ApplyAsync).Takes<ApplyTemplateRequest>().Produces<TemplateGranted>(StatusCodes.Status201Created);
        agent.MapPost("/{template}/accept", AcceptAsync).Takes<AcceptOfferRequest>().Produces<TemplateGranted>();
    }

    private static async Task<IResult> ListAsync(HttpContext http, TemplateDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        return page.Fault?.ToHttp() ?? Results.Json(await desk.ListAsync(page.Value, ct), Wire.Json);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, JsonBody body, TemplateDesk desk)
    {
        if (desk.MayEdit(http.Person()!) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(TemplateRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        return Show(http, await desk.CreateAsync(http.Person()!, request.Value), StatusCodes.Status201Created);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, TemplateDesk desk, CancellationToken ct) => Show(http, await desk.GetAsync(id, ct));

    private static async Task<IResult> ChangeAsync(string id, HttpContext http, JsonBody body, TemplateDesk desk, CancellationToken ct)
    {
        if (desk.MayEdit(http.Person()!) is { } forbidden) return forbidden.ToHttp();
        if ((await desk.GetAsync(id, ct)).Fault is { } unknown) return unknown.ToHttp();
        if (IfMatch.Missing(http.Request)) return new Fault(FaultKind.PreconditionRequired, "if_match.required", "Send the template's ETag as If-Match, so that nobody's work is overwritten unseen.").ToHttp();
        var request = await body.ReadAsync(TemplateRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        return Show(http, await desk.ChangeAsync(http.Person()!, id, request.Value, IfMatch.Version(http.Request, 't')));
    }

    private static async Task<IResult> ArchiveAsync(string id, HttpContext http, TemplateDesk desk)
    {
        var archived = await desk.ArchiveAsync(http.Person()!, id, archived: true, IfMatch.Version(http.Request, 't'));
        return archived.Fault?.ToHttp() ?? Results.NoContent();
    }

    private static async Task<IResult> HistoryAsync(string id, HttpContext http, TemplateHistory history, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var changes = await history.ListAsync(id, page.Value, ct);
        return changes.Fault?.ToHttp() ?? Results.Json(changes.Value, Wire.Json);
    }

    private static async Task<IResult> RestoreAsync(string id, HttpContext http, TemplateDesk desk) => Show(http, await desk.ArchiveAsync(http.Person()!, id, archived: false));

    private static async Task<IResult> AppliedAsync(string id, HttpContext http, TemplateGrants grants, CancellationToken ct)
    {
        var applied = await grants.AppliedAsync(http.Person()!, id, ct);
        return applied.Fault?.ToHttp() ?? Results.Json(new Wire.Page<AppliedTemplate>(applied.Value, null), Wire.Json);
    }

    private static async Task<IResult> ApplyAsync(string id, HttpContext http, JsonBody body, AgentCredentials credentials, TemplateGrants grants)
    {
        if (credentials.MayGrant(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var element = await body.ReadAsync();
        var request = element.Then(ApplyTemplateRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var granted = await grants.ApplyAsync(http.Person()!, id, request.Value);
        return granted.Fault?.ToHttp() ?? Results.Json(granted.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> AcceptAsync(string id, string template, HttpContext http, JsonBody body, AgentCredentials credentials, TemplateGrants grants)
    {
        if (credentials.MayGrant(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(AcceptOfferRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var granted = await grants.AcceptAsync(http.Person()!, id, template, request.Value);
        return granted.Fault?.ToHttp() ?? Results.Json(granted.Value, Wire.Json);
    }

    private static IResult Show(HttpContext http, Result<TemplateView> template, int status = StatusCodes.Status200OK)
    {
        if (template.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = TemplateView.Tag(template.Value.Version);
        return Results.Json(template.Value, Wire.Json, statusCode: status);
    }
}
