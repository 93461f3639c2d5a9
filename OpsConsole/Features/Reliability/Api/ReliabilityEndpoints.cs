using OpsConsole.Core.Reliability;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reliability.Api;

/// <summary><c>GET rollouts/{id}/reliability</c>: a rollout's figures by hour, day or week.</summary>
internal static class ReliabilityEndpoints
{
    private static readonly Dictionary<string, Grain> Grains = Enum.GetValues<Grain>().ToDictionary(g => g.ToString().ToLowerInvariant());

    public static void Map(WebApplication app) => app.MapGet("/api/v1/rollouts/{id}/reliability", FindAsync).ForPeopleWithAll("rollouts", "decisions").WithTags("Reliability").Produces<ReliabilityView>()
        .WithDescription("By grain (hour, day, week), the last count of them (12 unless said) until the one in which until lies; agent, action and consequence (high, low) narrow it down.");

    private static async Task<IResult> FindAsync(string id, HttpContext http, ReliabilityReader reader, string? grain, int? count, DateTimeOffset? until, string? agent, string? action, string? consequence, CancellationToken ct)
    {
        if (!Grains.TryGetValue(grain ?? "week", out var by)) return Core.Shared.Fault.Invalid("field.invalid", "grain must be hour, day or week.", "grain").ToHttp();
        if (consequence is not (null or "high" or "low")) return Core.Shared.Fault.Invalid("field.invalid", "consequence must be high or low, or left out.", "consequence").ToHttp();
        var found = await reader.FindAsync(http.Person()!, id, new ReliabilityQuery(by, count ?? 12, until, agent, action, consequence is null ? null : consequence == "high"), ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }
}
