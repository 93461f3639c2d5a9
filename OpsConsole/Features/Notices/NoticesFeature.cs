using OpsConsole.Features.Notices.Api;
using OpsConsole.Features.Notices.Ui;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices;

/// <summary>People are told: an inbox in the console, mail, the browser's notifications, a rollout's chat channels.</summary>
internal static class NoticesFeature
{
    public static IServiceCollection AddNotices(this IServiceCollection services) => services
        .AddSingleton<ChatKeys>().AddSingleton<NoticeRounds>().AddSingleton<NoticeFeed>().AddSingleton<NoticeInbox>().AddSingleton<NoticeDesk>().AddSingleton<ChatDesk>().AddHostedService<NoticeSender>()
        .AddSingleton(new TopBarWidget(typeof(NoticeBell), 20));

    public static WebApplication MapNotices(this WebApplication app)
    {
        NoticeEndpoints.Map(app);
        ChatEndpoints.Map(app);
        return app;
    }
}
