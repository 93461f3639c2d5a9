using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Features.Access;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>How a browser's session ends and what keeps it, over HTTP, on both databases.</summary>
public abstract class SessionTests(bool postgres) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres, Time = _time, More = new Dictionary<string, string?> { ["OpsConsole:Limits:SignInsPerMinute"] = "1000" } });
    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task SignOut_TakesTheCookie_EndsTheSession_AndIsOnRecordOnce()
    {
        using var browser = await SignedInAsync();
        using var another = await SignedInAsync();
        var copy = await CookieAsync(browser);
        Assert.Equal(HttpStatusCode.NoContent, await AliveAsync(browser.Client));
        Assert.Equal(HttpStatusCode.NoContent, await AliveWithAsync(copy));

        using (var left = await browser.SubmitAsync("/", "", [], "/account/sign-out"))
        {
            Assert.Equal((HttpStatusCode.Redirect, "/account/sign-in"), (left.StatusCode, left.Headers.Location!.OriginalString));
            Assert.Contains(left.Headers.GetValues("Set-Cookie"), c => c.StartsWith("opsconsole=;", StringComparison.Ordinal) && c.Contains("1970", StringComparison.Ordinal));
        }
        Assert.Equal(HttpStatusCode.Unauthorized, await AliveAsync(browser.Client));
        Assert.Equal(HttpStatusCode.Unauthorized, await AliveWithAsync(copy));   // a copy of the cookie is worth nothing any more
        using (var page = await browser.Client.GetAsync("/")) Assert.StartsWith("/account/sign-in", page.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, await AliveAsync(another.Client));   // another browser's session goes on
        var entry = Assert.Single(await EntriesAsync("session.closed"));
        Assert.Equal("person:" + Admin.Id, entry.GetProperty("actor").GetString());
        Assert.Equal(2, (await EntriesAsync("session.opened")).Count);

        Assert.Equal(HttpStatusCode.Redirect, (await browser.SignInAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword)).StatusCode);   // and in again
        Assert.Equal(HttpStatusCode.NoContent, await AliveAsync(browser.Client));
        Assert.Equal(HttpStatusCode.Unauthorized, await AliveWithAsync(copy));
    }

    [Fact]
    public async Task SignOut_ThatNoFormOfOursSent_ChangesNothing()
    {
        using var browser = await SignedInAsync();
        using var forged = await browser.Client.PostAsync("/account/sign-out", new FormUrlEncodedContent(new Dictionary<string, string>()));
        Assert.True((int)forged.StatusCode is 302 or 400);
        Assert.Equal(HttpStatusCode.NoContent, await AliveAsync(browser.Client));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/sign-out") { Content = new FormUrlEncodedContent(new Dictionary<string, string>()) };
        request.Headers.Add("Origin", "https://evil.example");
        using var foreign = await browser.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        using var got = await browser.Client.GetAsync("/account/sign-out");
        Assert.NotEqual(HttpStatusCode.OK, got.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, await AliveAsync(browser.Client));
        Assert.Empty(await EntriesAsync("session.closed"));
        using var stranger = _host.NewClient();
        Assert.Equal(HttpStatusCode.Unauthorized, await AliveAsync(stranger));
    }

    [Fact]
    public async Task SignOutEverywhere_EndsEverySession_ButNoToken()
    {
        using var browser = await SignedInAsync();
        using var another = await SignedInAsync();
        var done = await _host.Services.GetRequiredService<AccountService>().SignOutEverywhereAsync(new(Admin, null, "session"));
        Assert.True(done.Ok);
        Assert.Equal(HttpStatusCode.Unauthorized, await AliveAsync(browser.Client));
        Assert.Equal(HttpStatusCode.Unauthorized, await AliveAsync(another.Client));
        Assert.Single(await EntriesAsync("session.all_ended"));   // read with a token, which stays
    }

    [Fact]
    public async Task Session_IsKeptBySomebodyWhoWorks_NotByAPageThatPolls()
    {
        using var working = await SignedInAsync();
        using var left = await SignedInAsync();
        for (var i = 0; i < 7; i++)
        {
            _time.Skip(TimeSpan.FromMinutes(5));
            Assert.Equal(HttpStatusCode.NoContent, await AliveAsync(working.Client));
            if (i > 5) continue;
            // What a live page that nobody touches sends by itself: its socket's handshake, again and again.
            using var polled = await left.Client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
            Assert.Equal(HttpStatusCode.OK, polled.StatusCode);
            Assert.False(polled.Headers.Contains("Set-Cookie"), "a poll renewed the session");
        }
        Assert.Equal(HttpStatusCode.Unauthorized, await AliveAsync(left.Client));
        Assert.Equal(HttpStatusCode.NoContent, await AliveAsync(working.Client));
    }

    [Fact]
    public async Task EndedSessions_AreForgottenOnceTheyWouldBeOver()
    {
        for (var i = 0; i < 3; i++)
        {
            using var browser = await SignedInAsync();
            using var left = await browser.SubmitAsync("/", "", [], "/account/sign-out");
        }
        Assert.Equal(3, _host.Writer.State.Directory.EndedSessions.Count);
        _time.Skip(TimeSpan.FromHours(12.1));
        using var last = await SignedInAsync();
        using var gone = await last.SubmitAsync("/", "", [], "/account/sign-out");
        Assert.Single(_host.Writer.State.Directory.EndedSessions);
    }

    private Core.Access.PersonEntry Admin => _host.Writer.State.Directory.People.Values.Single(p => p.Email == ConsoleHost.AdminEmail);

    private async Task<SignedIn> SignedInAsync()
    {
        var browser = new SignedIn(_host.NewClient());
        using var answer = await browser.SignInAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return browser;
    }

    /// <summary>The session's cookie as it goes over the wire: the console sends a renewed one with the next sign of life.</summary>
    private static async Task<string> CookieAsync(SignedIn browser)
    {
        using var alive = await browser.Client.PostAsync("/account/keep-alive", null);
        return alive.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("opsconsole=", StringComparison.Ordinal)).Split(';')[0];
    }

    private static async Task<HttpStatusCode> AliveAsync(HttpClient client)
    {
        using var answer = await client.PostAsync("/account/keep-alive", null);
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> AliveWithAsync(string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/keep-alive");
        request.Headers.Add("Cookie", cookie);
        using var client = _host.NewClient();
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<List<JsonElement>> EntriesAsync(string name) => [.. (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/audit/entries?event=" + name)).GetProperty("items").EnumerateArray()];
}

public sealed class SessionSqliteTests() : SessionTests(postgres: false);

public sealed class SessionPostgresTests() : SessionTests(postgres: true);
