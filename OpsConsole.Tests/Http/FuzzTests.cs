using System.Net.Http.Headers;
using System.Text;
using OpsConsole.Core.Audit;
using OpsConsole.Data;
using OpsConsole.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace OpsConsole.Http;

/// <summary>Bad input at every endpoint: never a 5xx, and the log does not move.</summary>
public sealed class FuzzTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        // What is turned away for coming too often is not looked at.
        _host = await ConsoleHost.StartAsync(new HostSettings { More = new[] { "DecisionsPerSecond", "CallsPerSecond", "SignInsPerMinute" }.ToDictionary(l => "OpsConsole:Limits:" + l, _ => (string?)"1000000") });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static readonly string[] Bodies =
    [
        "", " ", "null", "[]", "\"text\"", "42", "{", "{}}", "{\"a\":1,\"a\":2}", "{\"action\":1}", "{\"action\":null}", "{\"action\":\"\"}", "{\"action\":\"a b\"}", "{\"action\":\"\\u0000\"}", "{\"action\":\"\\ud800\"}",
        "{\"action\":\"x\",\"confidence\":1e999}", "{\"action\":\"x\",\"confidence\":2}", "{\"action\":\"x\",\"confidence\":NaN}", "{\"action\":\"x\",\"arguments\":{\"n\":9007199254740993}}", "{\"action\":\"x\",\"arguments\":[]}",
        "{\"action\":\"x\",\"expected_cost\":{\"usd\":\"-1\"}}", "{\"action\":\"x\",\"expected_cost\":{\"usd\":\"Infinity\"}}", "{\"action\":\"x\",\"expected_cost\":{\"usd\":\"NaN\"}}", "{\"action\":\"x\",\"expected_cost\":{\"tokens\":1.5}}",
        "{\"action\":\"x\",\"surprise\":true}", "{\"action\":\"x\",\"mode\":\"live \"}", "{\"verdict\":\"maybe\"}", "{\"verdict\":\"approve\",\"version\":\"1\"}", "{\"verdict\":7}", "{\"reason\":5}", "{\"name\":{}}", "{\"name\":\"" + new string('x', 70_000) + "\"}",
        "{\"email\":\"no-at-sign\",\"name\":\"\",\"roles\":[\"king\"]}", "{\"capability\":\"**\",\"tier\":\"god\"}", "{\"usd\":{\"day\":\"-1\"}}", "{\"default\":\"allow\",\"rules\":[]}", "{\"rules\":[{\"id\":\"\",\"action\":\"*\",\"outcome\":\"allow\"}]}",
        "{\"rules\":[{\"id\":\"R\",\"action\":\"x\",\"outcome\":\"allow\",\"sla\":\"forever\"}]}", "{\"status\":\"done\"}", "{\"status\":\"succeeded\",\"writes\":{}}", "{\"status\":\"succeeded\",\"cost\":{\"usd\":1e400}}",
        "{\"members\":[\"ghost@example.com\"],\"name\":\"g\"}", "{\"waive\":\"*\",\"reason\":\"r\"}", "{\"expires_at\":\"yesterday\"}", "{\"time_zone\":\"Mars/Olympus\",\"name\":\"n\",\"purpose\":\"p\"}",
        new string('[', 5_000), "{\"a\":" + string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 61), "{\"' OR 1=1 --\":\"<script>alert(1)</script>\"}",
    ];

    [Fact]
    public async Task EveryEndpoint_HostileInput_NeverA5xxAndNothingChanges()
    {
        var routes = _host.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText is { } text && text.StartsWith("/api/v1", StringComparison.Ordinal) && !text.EndsWith("/events", StringComparison.Ordinal) && !text.EndsWith("audit/verify", StringComparison.Ordinal))
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m => (Method: m, Path: e.RoutePattern.RawText!))).Distinct().ToList();
        Assert.True(routes.Count > 30, $"only {routes.Count} routes found");
        var pending = await _spine.RefundAsync(300, 202);
        var before = await HeadAsync();
        foreach (var (method, pattern) in routes)
        {
            foreach (var path in Paths(pattern, pending))
            {
                foreach (var client in new[] { _host.Admin, _spine.Agent, _host.Nobody })
                {
                    if (method is "GET" or "DELETE")
                    {
                        if (path.EndsWith(".pdf", StringComparison.Ordinal)) continue;   // an export is on record, so it changes the log
                        if (method == "DELETE" && !path.Contains("ghost")) continue;   // a well-formed DELETE is a change, not bad input
                        foreach (var query in new[] { "", "?limit=0", "?limit=x&after=%01&from=never&to=%F0", "?after=99999999999999999999", "?status=x&outcome=y&agent=%27" }) await ExpectNo5xxAsync(client, method, path + query, null);
                        continue;
                    }
                    foreach (var body in Bodies)
                    {
                        if (body == "" && IsBodyless(pattern)) continue;   // pause, cancel… take an empty body
                        await ExpectNo5xxAsync(client, method, path, new StringContent(body, Encoding.UTF8, "application/json"));
                    }
                    await ExpectNo5xxAsync(client, method, path, new StringContent("{\"action\":\"x\"}", Encoding.UTF8, "text/plain"));
                    await ExpectNo5xxAsync(client, method, path, Bytes([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]));
                    await ExpectNo5xxAsync(client, method, path, Bytes(Encoding.Unicode.GetBytes("{\"action\":\"x\"}")));
                }
            }
        }
        var after = await HeadAsync();
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        var news = await db.Audit.AsNoTracking().Where(a => a.Seq > before.Seq).OrderBy(a => a.Seq).Select(a => a.Leaf).ToListAsync();
        Assert.True(before == after, "The state changed:\n" + string.Join("\n", news));
    }

    [Fact]
    public async Task Body_TooLarge_Is413()
    {
        using var content = new StringContent("{\"action\":\"x\",\"reasoning\":\"" + new string('x', 300_000) + "\"}", Encoding.UTF8, "application/json");
        using var response = await _spine.Agent.PostAsync("/api/v1/decisions", content);
        Assert.Equal(413, (int)response.StatusCode);
    }

    [Fact]
    public async Task ContentType_Wrong_IsJudgedAfterTheCaller()
    {
        var api = _host.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText?.StartsWith("/api/", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(api, e => e.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IAcceptsMetadata>() is { ContentTypes.Count: > 0 });
        foreach (var (client, path, status) in new[] { (_host.Nobody, "/api/v1/decisions", 401), (_spine.Agent, "/api/v1/decisions", 400), (_host.Nobody, "/api/v1/people", 401), (_host.Admin, "/api/v1/people", 400), (_host.Nobody, "/api/v1/tokens", 400) })
        {
            using var response = await client.PostAsync(path, new StringContent("{}", Encoding.UTF8, "text/plain"));
            Assert.True(status == (int)response.StatusCode, $"{path} answered {(int)response.StatusCode} instead of {status}");
        }
        var described = await ConsoleHost.GetAsync(_host.Nobody, "/openapi/v1.json");
        Assert.True(described.GetProperty("paths").GetProperty("/api/v1/decisions").GetProperty("post").GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
    }

    // {"reason":5} and the like are wrong everywhere; {} is right for these.
    private static bool IsBodyless(string pattern) => pattern.TrimEnd('/').Split('/')[^1] is "cancel" or "keys" or "pause" or "resume" or "claim" or "retire" or "memos";

    private IEnumerable<string> Paths(string pattern, System.Text.Json.JsonElement pending)
    {
        var real = pattern.Contains("approvals/{id}") ? pattern.Replace("{id}", pending.GetProperty("approval").GetProperty("id").GetString())
            : pattern.Contains("decisions/{id}") ? pattern.Replace("{id}", Spine.Id(pending))
            : pattern.Contains("agents/{id}") ? pattern.Replace("{id}", _spine.AgentId) : pattern.Replace("{id}", _spine.Rollout);
        yield return Fill(real, "ghost");
        yield return Fill(pattern, "ghost");
        yield return Fill(pattern, "%F0%9F%91%BB%2e%2e%0a");
    }

    private static string Fill(string pattern, string value) => System.Text.RegularExpressions.Regex.Replace(pattern, @"\{[^}]+\}", value);

    private static ByteArrayContent Bytes(byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        return content;
    }

    private static async Task ExpectNo5xxAsync(HttpClient client, string method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        using var response = await client.SendAsync(request);
        Assert.NotEqual(429, (int)response.StatusCode);
        Assert.True((int)response.StatusCode < 500, $"{method} {path} with {(content is null ? "nothing" : (await content.ReadAsStringAsync())[..Math.Min(100, (int)(content.Headers.ContentLength ?? 0))])} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    private async Task<(long Seq, long Epoch)> HeadAsync()
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        LogHead head = await db.Head.AsNoTracking().SingleAsync();
        return (head.Seq, head.Epoch);
    }
}
