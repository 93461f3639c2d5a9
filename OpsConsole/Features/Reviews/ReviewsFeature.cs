using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews.Api;
using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Reviews;

/// <summary>The weekly review: a week frozen, read together, ended with keep, adjust or stop; and the scale memo that rests on a cycle of them.</summary>
internal static class ReviewsFeature
{
    public static IServiceCollection AddReviews(this IServiceCollection services) => services.AddSingleton<WeekGatherer>().AddSingleton<WeeklyReviewDesk>().AddSingleton<WeeklyReviewReader>().AddSingleton<MemoGatherer>().AddSingleton<ScaleMemoDesk>()
        .AddSingleton(s => new ScaleMemoReader(s.GetRequiredService<DurableWriter>(), s.GetRequiredService<IDbContextFactory<OpsDbContext>>(), s.GetRequiredService<MemoGatherer>(), s.GetRequiredService<EvidenceReader>(), s.GetRequiredService<ReliabilityReader>())).AddHostedService<ReviewClock>();

    public static WebApplication MapReviews(this WebApplication app)
    {
        WeeklyReviewEndpoints.Map(app);
        ScaleMemoEndpoints.Map(app);
        return app;
    }
}
