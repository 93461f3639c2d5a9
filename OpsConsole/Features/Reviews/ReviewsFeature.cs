using OpsConsole.Features.Reviews.Api;

namespace OpsConsole.Features.Reviews;

/// <summary>The weekly review: a week frozen, read together, ended with keep, adjust or stop.</summary>
internal static class ReviewsFeature
{
    public static IServiceCollection AddReviews(this IServiceCollection services) => services.AddSingleton<WeekGatherer>().AddSingleton<WeeklyReviewDesk>().AddSingleton<WeeklyReviewReader>().AddHostedService<ReviewClock>();

    public static WebApplication MapReviews(this WebApplication app)
    {
        WeeklyReviewEndpoints.Map(app);
        return app;
    }
}
