using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts.Api;

internal static class RolloutEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var rollouts = app.MapGroup("/api/v1/rollouts").ForPeople("rollouts").WithTags("rollouts");
        rollouts.MapPost("", CreateAsync).Takes<CreateRolloutRequest>().Produces<RolloutView>(StatusCodes.Status201Created);
        rollouts.MapGet("", ListAsync).Produces<Wire.Page<RolloutRow>>();
        rollouts.MapGet("/{id}", GetAsync).Produces<RolloutView>();
        rollouts.MapPatch("/{id}", ChangeAsync).Takes<RolloutPatch>().Produces<RolloutView>();
        rollouts.MapPost("/{id}/members", AddMemberAsync).Takes<AddMemberRequest>().Produces<MemberView>(StatusCodes.Status201Created);
        rollouts.MapDelete("/{id}/members/{personId}", RemoveMemberAsync).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, JsonBody body, RolloutEditor editor, RolloutReader reader, CancellationToken ct)
    {
        var me = http.Person()!;
        if (editor.MayCreate(me) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(CreateRolloutRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var id = await editor.CreateAsync(me, request.Value);
        if (id.Fault is { } fault) return fault.ToHttp();
        var view = await reader.GetAsync(me, id.Value, ct);
        return view.Fault?.ToHttp() ?? Results.Json(view.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, RolloutReader reader, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        return page.Fault?.ToHttp() ?? Results.Json(await reader.ListAsync(http.Person()!, page.Value, ct), Wire.Json);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, RolloutReader reader, CancellationToken ct)
    {
        var view = await reader.GetAsync(http.Person()!, id, ct);
        return view.Fault?.ToHttp() ?? Results.Json(view.Value, Wire.Json);
    }

    private static async Task<IResult> ChangeAsync(string id, HttpContext http, JsonBody body, RolloutEditor editor, RolloutReader reader, CancellationToken ct)
    {
        var me = http.Person()!;
        if (editor.MayChange(me, id) is { } forbidden) return forbidden.ToHttp();
        var patch = await body.ReadAsync(RolloutPatch.Read);
        if (patch.Fault is { } bad) return bad.ToHttp();
        var done = await editor.ChangeAsync(me, id, patch.Value);
        return done.Fault?.ToHttp() ?? await GetAsync(id, http, reader, ct);
    }

    private static async Task<IResult> AddMemberAsync(string id, HttpContext http, JsonBody body, RolloutEditor editor, RolloutReader reader, CancellationToken ct)
    {
        var me = http.Person()!;
        if (editor.MayChangePeople(me, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(AddMemberRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var added = await editor.AddMemberAsync(me, id, request.Value);
        if (added.Fault is { } fault) return fault.ToHttp();
        var view = await reader.GetAsync(me, id, ct);
        return view.Fault?.ToHttp() ?? Results.Json(view.Value.Members.Single(m => m.PersonId == added.Value), Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> RemoveMemberAsync(string id, string personId, HttpContext http, RolloutEditor editor)
    {
        var done = await editor.RemoveMemberAsync(http.Person()!, id, personId);
        return done.Fault?.ToHttp() ?? Results.NoContent();
    }
}
