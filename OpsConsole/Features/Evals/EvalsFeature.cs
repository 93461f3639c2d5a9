using OpsConsole.Features.Evals.Api;

namespace OpsConsole.Features.Evals;

/// <summary>What agents are to be tried with: the cases that people kept from rejected requests and from incidents.</summary>
internal static class EvalsFeature
{
    public static IServiceCollection AddEvals(this IServiceCollection services) => services.AddSingleton<EvalCaseDesk>();

    public static WebApplication MapEvals(this WebApplication app)
    {
        EvalCaseEndpoints.Map(app);
        return app;
    }
}
