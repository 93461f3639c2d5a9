using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Access;

/// <summary>
/// A browser's session is a signed cookie that names itself, the person, the security stamp it was opened under and when. It holds while the person is
/// active, the stamp is still theirs and nobody signed out of it, at most 30 minutes without a sign of life and 12 hours in all.
/// </summary>
internal static class Sessions
{
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);
    public const string KeepAlivePath = "/account/keep-alive";
    private const string Stamp = "opsconsole:stamp", Since = "opsconsole:since", Name = "opsconsole:session";

    public static string Scheme => IdentityConstants.ApplicationScheme;

    public static Task OpenAsync(HttpContext http, PersonEntry person, DateTimeOffset now)
        => http.SignInAsync(Scheme, Principal(person, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), Secrets.NewId("ses")), new AuthenticationProperties { IsPersistent = false });

    /// <summary>Whose session it is, if it still holds.</summary>
    public static PersonEntry? Holder(ClaimsPrincipal user, ConsoleState state, DateTimeOffset now)
    {
        if (user.FindFirstValue(ClaimTypes.NameIdentifier) is not { } id || !state.Directory.People.TryGetValue(id, out var person) || !person.Active) return null;
        if (user.Identity?.AuthenticationType != Scheme || user.FindFirstValue(Stamp) != person.SecurityStamp) return null;
        if (NameOf(user) is not { } name || state.Directory.EndedSessions.Contains(name)) return null;
        return long.TryParse(user.FindFirstValue(Since), NumberStyles.None, CultureInfo.InvariantCulture, out var since) && now - DateTimeOffset.FromUnixTimeSeconds(since) < Longest ? person : null;
    }

    /// <summary>Who acts in a session, if it still holds.</summary>
    public static PersonCaller? Caller(ClaimsPrincipal user, ConsoleState state, DateTimeOffset now)
        => Holder(user, state, now) is { } person ? new PersonCaller(person, null, "session", SessionMark.Time(user.FindFirstValue(Since)), NameOf(user)) : null;

    public static string? NameOf(ClaimsPrincipal user) => user.FindFirstValue(Name);

    public static void Configure(CookieAuthenticationOptions options, bool https)
    {
        options.Cookie.Name = https ? "__Host-opsconsole" : "opsconsole";
        options.Cookie.SecurePolicy = https ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.Path = "/";
        options.ExpireTimeSpan = Idle;
        options.SlidingExpiration = true;
        options.LoginPath = "/account/sign-in";
        options.LogoutPath = "/account/sign-out";
        options.AccessDeniedPath = "/account/not-allowed";
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnValidatePrincipal = ValidateAsync;
        options.Events.OnCheckSlidingExpiration = static context =>
        {
            var path = context.HttpContext.Request.Path;
            if (path.Equals(KeepAlivePath, StringComparison.Ordinal)) context.ShouldRenew = true;
            // A page that polls or connects again by itself is no sign that somebody is there.
            else if (path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase)) context.ShouldRenew = false;
            return Task.CompletedTask;
        };
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (Holder(context.Principal!, services.GetRequiredService<DurableWriter>().State, now) is not { } person)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Scheme);
        }
        else if (context.Principal!.Identity!.Name != person.Name)
        {
            context.ReplacePrincipal(Principal(person, context.Principal.FindFirstValue(Since)!, NameOf(context.Principal)!));
            context.ShouldRenew = true;
        }
    }

    private static ClaimsPrincipal Principal(PersonEntry person, string since, string name)
        => new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, person.Id), new(ClaimTypes.Name, person.Name), new(Stamp, person.SecurityStamp), new(Since, since), new(Name, name)], Scheme));
}

/// <summary>Looks at the session of a live page whenever authority moves, and every 20 seconds: one that no longer holds is signed out where it stands.</summary>
internal sealed class SessionGuard : RevalidatingServerAuthenticationStateProvider
{
    private static readonly AuthenticationState SignedOut = new(new ClaimsPrincipal(new ClaimsIdentity()));

    private readonly DurableWriter _writer;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;

    public SessionGuard(ILoggerFactory logs, DurableWriter writer, TimeProvider time, Signals signals) : base(logs)
    {
        (_writer, _time) = (writer, time);
        _subscription = signals.Subscribe("state", LookAsync);
    }

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(20);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
        => Task.FromResult(Holds(authenticationState.User));

    protected override void Dispose(bool disposing)
    {
        _subscription.Dispose();
        base.Dispose(disposing);
    }

    private bool Holds(ClaimsPrincipal user) => Sessions.Holder(user, _writer.State, _time.GetUtcNow()) is not null;

    private async Task LookAsync()
    {
        try
        {
            var user = (await GetAuthenticationStateAsync()).User;
            if (user.Identity?.IsAuthenticated == true && !Holds(user)) SetAuthenticationState(Task.FromResult(SignedOut));
        }
        catch (InvalidOperationException)
        {
            // nobody was told yet who looks at the page
        }
    }
}
