using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents.Api;

internal static class AgentEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var agents = app.MapGroup("/api/v1/agents").ForPeople("agents").WithTags("agents");
        agents.MapPost("", RegisterAsync).Takes<RegisterAgentRequest>().Produces<AgentView>(StatusCodes.Status201Created).Produces<AgentView>();
        agents.MapGet("", ListAsync).Produces<Wire.Page<AgentView>>();
        agents.MapGet("/{id}", GetAsync).Produces<AgentView>();
        agents.MapPatch("/{id}", ChangeAsync).Takes<AgentPatch>().Produces<AgentView>();
        agents.MapPost("/{id}/retire", RetireAsync).Takes<EndRequest>().Produces<AgentView>();
        agents.MapGet("/{id}/caps", CapsAsync).Produces(StatusCodes.Status200OK, contentType: "application/json");
        agents.MapPut("/{id}/caps", SetCapsAsync).Takes<object>().Produces(StatusCodes.Status200OK, contentType: "application/json");
    }

    private static async Task<IResult> RegisterAsync(HttpContext http, JsonBody body, AgentRegistry registry, AgentReader reader, CancellationToken ct)
    {
        var me = http.Person()!;
        if (registry.MayRegister(me) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(RegisterAgentRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var agent = await registry.RegisterAsync(me, request.Value);
        if (agent.Fault is { } fault) return fault.ToHttp();
        var view = await reader.GetAsync(me, agent.Value.Id, ct);
        return view.Fault?.ToHttp() ?? Results.Json(view.Value, Wire.Json, statusCode: agent.Value.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> ListAsync(HttpContext http, AgentReader reader, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        var rollout = http.Request.Query["rollout"].ToString();
        if (rollout.Length > 64 || rollout.Contains('\0')) return Fault.Invalid("field.invalid", "rollout must be the id of a rollout.", "rollout").ToHttp();
        return page.Fault?.ToHttp() ?? Results.Json(await reader.ListAsync(http.Person()!, rollout.Length == 0 ? null : rollout, page.Value, ct), Wire.Json);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, AgentReader reader, CancellationToken ct)
    {
        var view = await reader.GetAsync(http.Person()!, id, ct);
        return view.Fault?.ToHttp() ?? Results.Json(view.Value, Wire.Json);
    }

    private static async Task<IResult> ChangeAsync(string id, HttpContext http, JsonBody body, AgentRegistry registry, AgentReader reader, CancellationToken ct)
    {
        if (registry.MayManage(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var patch = await body.ReadAsync(AgentPatch.Read);
        if (patch.Fault is { } bad) return bad.ToHttp();
        var done = await registry.ChangeAsync(http.Person()!, id, patch.Value);
        return done.Fault?.ToHttp() ?? await GetAsync(id, http, reader, ct);
    }

    private static async Task<IResult> RetireAsync(string id, HttpContext http, JsonBody body, AgentRegistry registry, AgentReader reader, CancellationToken ct)
    {
        if (registry.MayManage(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(EndRequest.Read, optional: true);
        if (request.Fault is { } bad) return bad.ToHttp();
        var done = await registry.RetireAsync(http.Person()!, id, request.Value);
        return done.Fault?.ToHttp() ?? await GetAsync(id, http, reader, ct);
    }

    private static async Task<IResult> CapsAsync(string id, HttpContext http, AgentReader reader, CancellationToken ct)
    {
        var caps = await reader.CapsAsync(http.Person()!, id, ct);
        return caps.Fault?.ToHttp() ?? Results.Json(caps.Value.Caps, Wire.Json);
    }

    private static async Task<IResult> SetCapsAsync(string id, HttpContext http, JsonBody body, AgentRegistry registry, AgentReader reader, CancellationToken ct)
    {
        if (registry.MayManage(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var caps = await body.ReadAsync();
        if (caps.Fault is { } bad) return bad.ToHttp();
        var done = await registry.SetCapsAsync(http.Person()!, id, caps.Value);
        return done.Fault?.ToHttp() ?? await CapsAsync(id, http, reader, ct);
    }
}
