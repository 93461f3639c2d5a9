using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions.Api;

/// <summary>Decisions for people and scripts, and what an agent may know about itself.</summary>
internal static class SearchEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/api/v1/decisions", SearchAsync).ForPeople("decisions").Produces<Wire.Page<DecisionView>>().WithName("list decisions");
        app.MapGet("/api/v1/agent", SelfAsync).ForAgents().Produces<AgentSelfView>().WithName("who am i");
    }

    private static async Task<IResult> SearchAsync(HttpContext http, DecisionSearch search, PublicAddress address, string? agent, string? action, string? outcome, string? rollout, string? run, string? from, string? to, string? unreported, string? mode, string? consequence, string? after, string? limit, CancellationToken ct)
    {
        if (Paging.Limit(Said(limit)) is not { } rows) return Paging.WrongLimit.ToHttp();
        if (!QueryTime.TryRead(from, out var start)) return QueryTime.Wrong("from").ToHttp();
        if (!QueryTime.TryRead(to, out var end)) return QueryTime.Wrong("to").ToHttp();
        if (unreported is not (null or "" or "0" or "1" or "true" or "false")) return Fault.Invalid("field.invalid", "unreported must be true or false.", "unreported").ToHttp();
        if (mode is not (null or "" or "live")) return Fault.Invalid("field.invalid", "mode can only be live, or left out; outcome finds shadow and simulate.", "mode").ToHttp();
        if (consequence is not (null or "" or "high" or "low")) return Fault.Invalid("field.invalid", "consequence must be high or low, or left out.", "consequence").ToHttp();
        var filter = new DecisionFilter(Said(agent), Said(action), Said(outcome), Said(rollout), Said(run), start, end, unreported is "1" or "true", mode == "live", Said(consequence) is { } of ? of == "high" : null);
        var result = await search.SearchAsync(http.Person()!, filter, Said(after), rows, address.Link(http, ""), ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }

    // 'agent=' without a value asks for nothing in particular.
    private static string? Said(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static async Task<IResult> SelfAsync(HttpContext http, AgentSelf self, CancellationToken ct)
    {
        var result = await self.DescribeAsync(http.Agent()!, ct);
        return result.Fault is { } fault ? fault.ToHttp() : Results.Json(result.Value, Wire.Json);
    }
}
