using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Portfolio.Api;

/// <summary><c>GET portfolio</c>: all rollouts that the caller sees, at a glance.</summary>
internal static class PortfolioEndpoints
{
    public static void Map(WebApplication app) => app.MapGet("/api/v1/portfolio", async (HttpContext http, PortfolioReader reader, CancellationToken ct) => Results.Json(await reader.ReadAsync(http.Person()!, ct), Wire.Json))
        .ForPeopleWithAll("rollouts", "decisions").WithTags("Portfolio").Produces<PortfolioView>()
        .WithDescription($"By name: gate, tiers, newest review, holds, the figures of the last {PortfolioReader.Weeks} weeks (the running one last) and what comes due.");
}
