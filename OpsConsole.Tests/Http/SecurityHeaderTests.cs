using System.Net;
using System.Text;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

public sealed class SecurityHeaderTests(ConsoleHost host) : IClassFixture<ConsoleHost>
{
    [Theory]
    [InlineData("GET", "/account/sign-in", 200)]
    [InlineData("GET", "/setup/nonsense", 410)]
    [InlineData("GET", "/no/such/page", 404)]
    [InlineData("GET", "/js/shell.js", 200)]
    [InlineData("GET", "/api/v1/people", 401)]
    [InlineData("GET", "/api/v1/no-such-thing", 404)]
    [InlineData("DELETE", "/api/v1/people", 405)]
    [InlineData("POST", "/api/v1/tokens", 400)]
    [InlineData("GET", "/health/live", 200)]
    [InlineData("GET", "/health/ready", 200)]
    [InlineData("GET", "/openapi/v1.json", 200)]
    public async Task AnyAnswer_HasTheBrowsersRules(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await host.Nobody.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("script-src 'self';", policy);
        Assert.DoesNotContain("upgrade-insecure-requests", policy);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.True(response.Headers.Contains("Permissions-Policy"));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
        if (!path.StartsWith("/js", StringComparison.Ordinal)) Assert.Contains("no-store", response.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData("GET", "/api/v1/no-such-thing", 404, "not_found")]
    [InlineData("DELETE", "/api/v1/people", 405, "method.not_allowed")]
    [InlineData("GET", "/api/v1/people", 401, "unauthenticated")]
    public async Task BareRefusalOfTheApi_IsAProblemWithACode(string method, string path, int status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await host.Nobody.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains($"\"code\":\"{code}\"", await response.Content.ReadAsStringAsync());
        if (status == 405) Assert.Contains("GET", response.Content.Headers.Allow);
        if (status == 401) Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory]
    [InlineData("/_blazor/negotiate?negotiateVersion=1", "https://evil.example", true)]
    [InlineData("/hubs/approvals/negotiate", "https://evil.example", true)]
    [InlineData("/hubs/approvals/negotiate", "null", true)]
    [InlineData("/_blazor/negotiate?negotiateVersion=1", "http://localhost", false)]
    [InlineData("/_blazor/negotiate?negotiateVersion=1", null, false)]
    public async Task Socket_FromAnotherOrigin_IsRefused(string path, string? origin, bool refused)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (origin is not null) request.Headers.Add("Origin", origin);
        using var response = await host.Nobody.SendAsync(request);
        Assert.Equal(refused, response.StatusCode == HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", true)]
    [InlineData("Sec-Fetch-Site", "same-site", true)]
    [InlineData("Sec-Fetch-Site", "same-origin", false)]
    [InlineData("Origin", "https://evil.example", true)]
    [InlineData("Origin", "http://localhost", false)]
    public async Task ChangeOnACookie_FromAnotherSite_IsRefused(string header, string value, bool refused)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/keep-alive");
        request.Headers.Add(header, value);
        using var response = await host.Nobody.SendAsync(request);
        Assert.Equal(refused ? HttpStatusCode.Forbidden : HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("console.lan", 200)]
    [InlineData("ops_console:8080", 200)]
    [InlineData("[::1]:5000", 200)]
    [InlineData("console.lan'onmouseover", 400)]
    [InlineData("user@console.lan", 400)]
    [InlineData("console.lan/x", 400)]
    [InlineData("console.lan:80x", 400)]
    public async Task Host_ThatIsNone_IsRefused(string given, int expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        request.Headers.TryAddWithoutValidation("Host", given);
        using var response = await host.Nobody.SendAsync(request);
        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task HttpsAddress_MakesCookiesSecureAndNeverRedirects()
    {
        await using var secure = await ConsoleHost.StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:PublicBaseUrl"] = "https://ops.example.com" } });
        using var page = await secure.Nobody.GetAsync("/account/sign-in");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("includeSubDomains", Assert.Single(page.Headers.GetValues("Strict-Transport-Security")));
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("upgrade-insecure-requests", policy);
        Assert.Contains("connect-src 'self' wss://ops.example.com", policy);
        Assert.All(page.Headers.GetValues("Set-Cookie"), c => Assert.Contains("secure", c));
        using var api = await secure.Admin.GetAsync("/api/v1/people");
        Assert.Equal(HttpStatusCode.OK, api.StatusCode);
        var invited = await ConsoleHost.PostAsync(secure.Admin, "/api/v1/people", new { email = "dana@example.com" }, 201);
        Assert.StartsWith("https://ops.example.com/invitations/", invited.GetProperty("invitation").GetProperty("url").GetString());
    }

    [Fact]
    public async Task TooManyPasswords_AreRefusedWithTheTimeToWait()
    {
        await using var strict = await ConsoleHost.StartAsync();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 22; i++)
        {
            using var content = new StringContent("{}", Encoding.UTF8, "application/json");
            using var response = await strict.Nobody.PostAsync("/api/v1/tokens", content);
            statuses.Add(response.StatusCode);
            if (response.StatusCode != HttpStatusCode.TooManyRequests) continue;
            Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
            Assert.Contains("rate.limited", await response.Content.ReadAsStringAsync());
        }
        Assert.All(statuses.Take(20), s => Assert.Equal(HttpStatusCode.BadRequest, s));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    [Fact]
    public async Task TooManyAsks_AreRefused_AndWhatFollowsAnAskIsNot()
    {
        await using var strict = await ConsoleHost.StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:Limits:DecisionsPerSecond"] = "2" } });
        var spine = await Spine.BuildAsync(strict);
        var known = await spine.AskAsync(new { action = "order.get" });
        // ten at once: the bucket holds two and refills two a second
        var asked = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => spine.Agent.PostAsync("/api/v1/decisions/", new StringContent("""{"action":"order.get"}""", Encoding.UTF8, "application/json"))));
        var refused = asked.First(r => r.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Contains("rate.limited", await refused.Content.ReadAsStringAsync());
        for (var i = 0; i < 4; i++) Assert.Equal(Spine.Id(known), Spine.Id(await spine.GetAsync(known)));
        foreach (var response in asked) response.Dispose();
    }
}
