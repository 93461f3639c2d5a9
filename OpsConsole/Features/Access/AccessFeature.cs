using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using OpsConsole.Data;
using OpsConsole.Features.Access.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access;

/// <summary>Who may come in, and as whom: people, groups, invitations, sessions, personal tokens.</summary>
internal static class AccessFeature
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<CredentialUse>();
        services.AddOptions<SetupOptions>().BindConfiguration(SetupOptions.Section);
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = 210_000);   // OWASP's number for PBKDF2-HMAC-SHA512
        services.AddSingleton<IPasswordHasher<OpsUser>, PasswordHasher<OpsUser>>();
        services.AddSingleton<UnknownAccounts>();
        services.AddSingleton<SignInService>();
        services.AddSingleton<PeopleService>();
        services.AddSingleton<InvitationService>();
        services.AddSingleton<GroupService>();
        services.AddSingleton<TokenService>();
        services.AddSingleton<AccountService>();
        services.AddSingleton<AwayDesk>();
        services.AddSingleton<CredentialUseWriter>();
        services.AddHostedService(s => s.GetRequiredService<CredentialUseWriter>());
        services.AddSingleton<SetupService>();
        services.AddHostedService(s => s.GetRequiredService<SetupService>());
        services.AddScoped<AuthenticationStateProvider, SessionGuard>();
        services.AddScoped<CurrentPerson>();
        services.AddSingleton<IAuthorizationHandler, RoleRequirementHandler>();
        services.Configure<AuthorizationOptions>(PagePolicies.Configure);
        services.AddSingleton(new MeWidget(typeof(Ui.MyRoles)));
        services.AddSingleton(new NavEntry("/people", "People", "people", 60, PagePolicies.People, Keys: "g p"));
        services.AddSingleton(new BannerWidget(typeof(Ui.PlainHttpBanner), 90, SignedOut: true));
        return services;
    }

    public static WebApplication MapAccess(this WebApplication app)
    {
        SessionEndpoints.Map(app);
        PeopleEndpoints.Map(app);
        TokenEndpoints.Map(app);
        AwayEndpoints.Map(app);
        return app;
    }
}
