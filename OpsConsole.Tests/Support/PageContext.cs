using System.Security.Claims;
using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Tests.Support;

/// <summary>One person's circuit without a browser: pages over the real services and the real database of a host.</summary>
internal sealed class PageContext : BunitContext
{
    /// <param name="signedInBefore">How long ago the session began.</param>
    public PageContext(ConsoleHost host, string email, TimeSpan signedInBefore = default)
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        var person = host.Writer.State.Directory.ByEmail[email];
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddSingleton(new ReaderClock(Time));
        Services.AddSingleton<KeyRegistry>();
        Services.AddSingleton<Toasts>();
        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, person.Id), new("opsconsole:stamp", person.SecurityStamp), new("opsconsole:since", (Time.GetUtcNow() - signedInBefore).ToUnixTimeSeconds().ToString()), new("opsconsole:session", "ses_1")], IdentityConstants.ApplicationScheme);
        Services.AddSingleton<AuthenticationStateProvider>(new Fixed(new ClaimsPrincipal(identity)));
        Services.AddSingleton(new CurrentPerson(new Fixed(new ClaimsPrincipal(identity)), host.Services.GetRequiredService<DurableWriter>(), Time));
        Services.AddSupplyValueFromQueryProvider();
        Services.AddFallbackServiceProvider(host.Services);
    }

    public HandTime Time { get; } = new(DateTimeOffset.UtcNow);
    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();
    /// <summary>The last thing the page said in passing.</summary>
    public string? Said => Services.GetRequiredService<Toasts>().Current is [.., var last] ? last.Text : null;

    private sealed class Fixed(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }
}

internal static class PageElements
{
    /// <summary>The button whose words, with those only screen readers hear, are these.</summary>
    public static IElement Button<T>(this IRenderedComponent<T> page, string words) where T : IComponent
        => page.FindAll("button").SingleOrDefault(b => b.TextContent.Trim() == words) ?? throw new ElementNotFoundException($"button '{words}' among: {string.Join(" | ", page.FindAll("button").Select(b => b.TextContent.Trim()))}");

    /// <summary>Clicks it. Found and clicked in one step of the page's own work: a signal cannot render the page in between.</summary>
    public static Task ClickAsync<T>(this IRenderedComponent<T> page, string button) where T : IComponent => page.InvokeAsync(() => page.Button(button).ClickAsync(new()));
}
