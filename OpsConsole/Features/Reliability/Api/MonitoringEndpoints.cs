using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reliability.Api;

/// <summary>The body of <c>POST rollouts/{id}/baselines</c>, for the OpenAPI document.</summary>
public sealed record FixBaselineDto(string Agent, string? Action, string Measure, string? Grain, string? From, string? To, IReadOnlyList<ExcludedDto>? Exclude, string Reason);

/// <summary>A day that a baseline leaves out, for the OpenAPI document.</summary>
public sealed record ExcludedDto(string Day, string Reason);

/// <summary>The body of <c>DELETE rollouts/{id}/baselines/{baseline}</c>, for the OpenAPI document.</summary>
public sealed record EndBaselineDto(string Reason);

/// <summary><c>rollouts/{id}/monitoring</c> and <c>rollouts/{id}/baselines</c>: how capabilities stand, one figure over time, and what it is judged by.</summary>
internal static class MonitoringEndpoints
{
    public static void Map(WebApplication app)
    {
        var rollout = app.MapGroup("/api/v1/rollouts/{id}").ForPeopleWithAll("rollouts", "decisions").WithTags("Reliability");
        rollout.MapGet("/monitoring", FindAsync).Produces<MonitoringView>().WithDescription("Per agent and action: each figure against its stored baseline, and how fast error budgets burn.");
        rollout.MapGet("/monitoring/chart", ChartAsync).Produces<ControlView>()
            .WithDescription("One figure over time with its limits and what changed: agent and measure (override, failure, autonomy, confidence, outcome) are required; action, grain (day, week) and count narrow it down.");
        rollout.MapGet("/baselines", ListAsync).Produces<Wire.Page<BaselineView>>();
        rollout.MapPost("/baselines", FixAsync).Takes<FixBaselineDto>().Produces<BaselineView>(StatusCodes.Status201Created)
            .WithDescription("Fixes what a figure usually is from days (or weeks) since tier, gate and matrix are as they are: at least 20 of them. Each excluded one needs a reason. One that is in force is ended first.");
        rollout.MapDelete("/baselines/{baseline}", EndAsync).Takes<EndBaselineDto>().Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> FindAsync(string id, HttpContext http, MonitoringReader reader, CancellationToken ct)
    {
        var found = await reader.FindAsync(http.Person()!, id, ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }

    private static async Task<IResult> ChartAsync(string id, HttpContext http, MonitoringReader reader, string? agent, string? action, string? measure, string? grain, int? count, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(agent)) return Fault.Invalid("field.required", "agent is required.", "agent").ToHttp();
        if (measure is null || !FixBaselineRequest.Measures.TryGetValue(measure, out var watched)) return Fault.Invalid("field.invalid", $"measure must be one of: {string.Join(", ", FixBaselineRequest.Measures.Keys)}.", "measure").ToHttp();
        if (!FixBaselineRequest.Grains.TryGetValue(grain ?? "day", out var by)) return Fault.Invalid("field.invalid", "grain must be day or week.", "grain").ToHttp();
        var found = await reader.ChartAsync(http.Person()!, id, new ControlQuery(agent, string.IsNullOrEmpty(action) ? null : action, watched, by, count ?? 30), ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, MonitoringReader reader, CancellationToken ct)
    {
        var found = await reader.BaselinesAsync(http.Person()!, id, ct);
        return found.Fault?.ToHttp() ?? Results.Json(new Wire.Page<BaselineView>(found.Value, null), Wire.Json);
    }

    private static async Task<IResult> FixAsync(string id, HttpContext http, JsonBody body, BaselineDesk desk, MonitoringReader reader, CancellationToken ct)
    {
        if (desk.MayFix(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(FixBaselineRequest.Read);
        if (request.Fault is { } wrong) return wrong.ToHttp();
        var made = await desk.FixAsync(http.Person()!, id, request.Value, ct);
        if (made.Fault is { } fault) return fault.ToHttp();
        var all = await reader.BaselinesAsync(http.Person()!, id, ct);
        return all.Fault?.ToHttp() ?? Results.Json(all.Value.First(b => b.Id == made.Value), Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> EndAsync(string id, string baseline, HttpContext http, JsonBody body, BaselineDesk desk)
    {
        if (desk.MayFix(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var reason = await body.ReadAsync(f => f.Text("reason", required: true) ?? "");
        if (reason.Fault is { } wrong) return wrong.ToHttp();
        var done = await desk.EndAsync(http.Person()!, id, baseline, reason.Value);
        return done.Fault?.ToHttp() ?? Results.NoContent();
    }
}
