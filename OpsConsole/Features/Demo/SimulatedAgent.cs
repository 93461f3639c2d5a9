using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Demo;

/// <summary>Drives the demo's agent over the real HTTP API, at a human pace, with a key like any other agent's. Stops when the key is revoked.</summary>
internal sealed partial class SimulatedAgent(IServer server, IHostApplicationLifetime lifetime, DemoSeed seed, DurableWriter writer, TimeProvider time, ILogger<SimulatedAgent> log) : BackgroundService
{
    private const int MaxWaiting = 6;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stoppingToken);
        await writer.Ready.WaitAsync(stoppingToken);
        if (await seed.NewKeyAsync() is not { } key || LocalAddress() is not { } address) return;
        using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(75) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var story = new DemoStory(Random.Shared);
        List<Task> cases = [];
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                cases.RemoveAll(c => c.IsCompleted);
                if (cases.Count < MaxWaiting)
                {
                    var (run, calls) = story.Next();
                    cases.Add(PlayAsync(http, run, calls, stoppingToken));
                }
                await Task.Delay(TimeSpan.FromSeconds(5 + Random.Shared.Next(6)), time, stoppingToken);
                if (_revoked) return;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private volatile bool _revoked;

    private async Task PlayAsync(HttpClient http, string run, IReadOnlyList<DemoCall> calls, CancellationToken ct)
    {
        try
        {
            foreach (var call in calls)
            {
                if (!await ActAsync(http, run, call, ct)) return;
                await Task.Delay(TimeSpan.FromSeconds(1 + Random.Shared.NextDouble() * 2), time, ct);
            }
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            LogCaseFailed(e, run);
        }
        catch (OperationCanceledException)
        {
            // the console stops
        }
    }

    /// <summary>Asks, waits, reports. False: the case ends here.</summary>
    private async Task<bool> ActAsync(HttpClient http, string run, DemoCall call, CancellationToken ct)
    {
        var ask = new JsonObject
        {
            ["action"] = call.Action, ["resource"] = new JsonObject { ["type"] = call.ResourceType, ["id"] = call.ResourceId }, ["arguments"] = call.Arguments.DeepClone(), ["run_id"] = run, ["confidence"] = call.Confidence,
            ["reasoning"] = call.Reasoning, ["alternatives"] = new JsonArray([.. call.Alternatives.Select(a => JsonValue.Create(a))]), ["expected_cost"] = new JsonObject { ["usd"] = "0.012", ["tokens"] = 1_400 },
            ["context"] = new JsonArray(new JsonObject { ["kind"] = "message", ["ref"] = "ticket/" + run, ["text"] = "The customer's message of this case (simulated)." }),
        };
        if (call.Undo is not null) ask["undo"] = call.Undo.DeepClone();
        var answer = await SendAsync(http, HttpMethod.Post, "/api/v1/decisions", ask, ct);
        while (answer is { } pending && pending.GetProperty("outcome").GetString() == "pending")
        {
            answer = await SendAsync(http, HttpMethod.Get, "/api/v1/decisions/" + pending.GetProperty("id").GetString(), null, ct);
        }
        if (answer is not { } decided || decided.GetProperty("outcome").GetString() != "allow") return false;
        var id = decided.GetProperty("id").GetString();
        if (decided.GetProperty("claim_required").GetBoolean())
        {
            if (await SendAsync(http, HttpMethod.Post, $"/api/v1/decisions/{id}/claim", new JsonObject { ["arguments"] = JsonNode.Parse(decided.GetProperty("arguments").GetRawText()) }, ct) is null) return false;
        }
        var report = new JsonObject { ["status"] = Random.Shared.Next(30) == 0 ? "failed" : "succeeded", ["cost"] = new JsonObject { ["usd"] = "0.01" + Random.Shared.Next(10, 99), ["tokens"] = 1_200 + Random.Shared.Next(600) } };
        if (call.Write is not null)
        {
            var write = (JsonObject)call.Write.DeepClone();
            write["after"] = JsonNode.Parse(decided.GetProperty("arguments").GetRawText());
            if (call.Undo is not null) write["undo"] = call.Undo.DeepClone();
            report["writes"] = new JsonArray(write);
        }
        await SendAsync(http, HttpMethod.Post, $"/api/v1/decisions/{id}/outcome", report, ct);
        return true;
    }

    private async Task<JsonElement?> SendAsync(HttpClient http, HttpMethod method, string path, JsonObject? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Prefer", "wait=30");
        if (body is not null) request.Content = JsonContent.Create(body);
        using var response = await http.SendAsync(request, ct);
        if (response.StatusCode == HttpStatusCode.Unauthorized) _revoked = true;
        return response.IsSuccessStatusCode ? JsonDocument.Parse(await response.Content.ReadAsStringAsync(ct)).RootElement : null;
    }

    /// <summary>Where this console listens, as this machine reaches it.</summary>
    private Uri? LocalAddress()
    {
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal));
        return bound is null ? null : new Uri(bound.Replace("://0.0.0.0", "://127.0.0.1").Replace("://[::]", "://127.0.0.1").Replace("://*", "://127.0.0.1").Replace("://+", "://127.0.0.1"));
    }

    [LoggerMessage(4001, LogLevel.Information, "The simulated case {Run} ended early")]
    private partial void LogCaseFailed(Exception e, string run);
}
