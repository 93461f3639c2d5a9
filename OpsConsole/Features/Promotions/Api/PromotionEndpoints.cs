using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Promotions.Api;

internal static class PromotionEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var promotions = app.MapGroup("/api/v1/agents/{id}/promotions").ForPeople("agents").WithTags("agents");
        promotions.MapGet("/", ListAsync).Produces<Wire.Page<PromotionView>>();
        promotions.MapPost("/", ProposeAsync).Takes<ProposePromotionRequest>().Produces<PromotionView>(StatusCodes.Status201Created);
        promotions.MapGet("/{promotionId}", GetAsync).Produces<PromotionView>();
        promotions.MapGet("/{promotionId}/runs", RunsAsync).Produces<Wire.Page<RunView>>();
        promotions.MapPost("/{promotionId}/confirm", ConfirmAsync).Takes<PromotionReason>().Produces<PromotionView>();
        promotions.MapPost("/{promotionId}/withdraw", WithdrawAsync).Takes<PromotionReason>().Produces<PromotionView>();
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, PromotionReader reader, CancellationToken ct)
    {
        var list = await reader.ListAsync(http.Person()!, id, ct);
        return list.Fault?.ToHttp() ?? Results.Json(new Wire.Page<PromotionView>(list.Value, null), Wire.Json);
    }

    private static async Task<IResult> ProposeAsync(string id, HttpContext http, JsonBody body, PromotionDesk desk, PromotionReader reader, CancellationToken ct)
    {
        if (desk.MayPropose(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(ProposePromotionRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var made = await desk.ProposeAsync(http.Person()!, id, request.Value);
        return made.Fault?.ToHttp() ?? await OneAsync(id, made.Value, http, reader, StatusCodes.Status201Created, ct);
    }

    private static Task<IResult> GetAsync(string id, string promotionId, HttpContext http, PromotionReader reader, CancellationToken ct) => OneAsync(id, promotionId, http, reader, StatusCodes.Status200OK, ct);

    private static async Task<IResult> RunsAsync(string id, string promotionId, HttpContext http, PromotionReader reader, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } wrong) return wrong.ToHttp();
        var runs = await reader.RunsAsync(http.Person()!, id, promotionId, page.Value, ct);
        return runs.Fault?.ToHttp() ?? Results.Json(runs.Value, Wire.Json);
    }

    private static async Task<IResult> ConfirmAsync(string id, string promotionId, HttpContext http, JsonBody body, PromotionDesk desk, PromotionReader reader, CancellationToken ct)
    {
        if (desk.MayConfirm(http.Person()!, id) is { } hidden) return hidden.ToHttp();
        var request = await body.ReadAsync(PromotionReason.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var done = await desk.ConfirmAsync(http.Person()!, id, promotionId, request.Value);
        return done.Fault?.ToHttp() ?? await OneAsync(id, promotionId, http, reader, StatusCodes.Status200OK, ct);
    }

    private static async Task<IResult> WithdrawAsync(string id, string promotionId, HttpContext http, JsonBody body, PromotionDesk desk, PromotionReader reader, CancellationToken ct)
    {
        if (desk.MaySee(http.Person()!, id) is { } hidden) return hidden.ToHttp();
        var request = await body.ReadAsync(PromotionReason.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var done = await desk.WithdrawAsync(http.Person()!, id, promotionId, request.Value);
        return done.Fault?.ToHttp() ?? await OneAsync(id, promotionId, http, reader, StatusCodes.Status200OK, ct);
    }

    private static async Task<IResult> OneAsync(string id, string promotionId, HttpContext http, PromotionReader reader, int status, CancellationToken ct)
    {
        var view = await reader.GetAsync(http.Person()!, id, promotionId, ct);
        return view.Fault?.ToHttp() ?? Results.Json(view.Value, Wire.Json, statusCode: status);
    }
}
