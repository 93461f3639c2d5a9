using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>A chat's message over a real connection, to a receiver inside the network that the operator named; and to one that nobody named.</summary>
public sealed class ChatReceiverTests
{
    [Fact]
    public async Task Message_ReachesANamedReceiver_AndNoOther()
    {
        ConcurrentQueue<(string Type, JsonElement Body)> received = [];
        var builder = WebApplication.CreateSlimBuilder();
        await using var receiver = builder.Build();
        receiver.Urls.Add("http://127.0.0.1:0");
        receiver.MapPost("/services/1", async (HttpRequest request) =>
        {
            received.Enqueue((request.ContentType!, (await JsonDocument.ParseAsync(request.Body)).RootElement));
            return Results.Text("ok");
        });
        await receiver.StartAsync();
        var origin = receiver.Urls.Single();
        await using var host = await ConsoleHost.StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:PublicBaseUrl"] = "https://ops.example.com", ["OpsConsole:Outbound:AllowedOrigins:0"] = origin } });
        var spine = await Spine.BuildAsync(host);
        var channels = $"/api/v1/rollouts/{spine.Rollout}/channels";
        await ConsoleHost.PostAsync(host.Admin, channels, new { kind = "slack", url = "http://127.0.0.1:9/services/1", kinds = new[] { "waits" } }, 400);
        await ConsoleHost.PostAsync(host.Admin, channels, new { kind = "slack", url = origin + "/services/1", kinds = new[] { "waits" } }, 201);
        await ConsoleHost.PostAsync(host.Admin, channels, new { kind = "teams", url = origin + "/services/1", kinds = new[] { "waits" } }, 201);
        await spine.RefundAsync(420, 202);
        await Until.True(() => received.Count == 2, "both have it");
        Assert.All(received, r => Assert.Equal("application/json; charset=utf-8", r.Type));
        Assert.Single(received, r => r.Body.TryGetProperty("blocks", out _));
        Assert.Single(received, r => r.Body.TryGetProperty("attachments", out _));
    }
}
