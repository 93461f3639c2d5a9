using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace OpsConsole.Tests.Support;

/// <summary>A rollout with a published matrix, an agent with a key and people who decide, made through the API like a user would.</summary>
public sealed class Spine
{
    public const string Matrix = """
    { "default": "deny",
      "boundaries": [ { "action": "payment.*", "reason": "out of bounds in v1" } ],
      "rules": [
        { "id": "R-1", "action": "order.get", "effect": "read", "consequence": "low", "outcome": "allow" },
        { "id": "R-2", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": ">", "value": 1000 } ], "outcome": "deny" },
        { "id": "R-3", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": ">", "value": 200 } ], "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT15M" },
        { "id": "R-4", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": "<=", "value": 200 } ], "outcome": "allow", "consequence": "low", "reversible": true },
        { "id": "R-5", "action": "mail.send", "outcome": "approve", "approvers": ["user:dana@example.com", "user:lee@example.com"], "quorum": 2, "order": "sequence", "claim": true },
        { "id": "R-6", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true },
        { "id": "R-7", "action": "quick.ask", "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT1S" }
      ] }
    """;

    public required ConsoleHost Host { get; init; }
    public required string Rollout { get; init; }
    public required string AgentId { get; init; }
    public required string AgentKey { get; init; }
    public required HttpClient Agent { get; init; }
    /// <summary>In the group leads.</summary>
    public required HttpClient Dana { get; init; }
    /// <summary>In the group leads.</summary>
    public required HttpClient Lee { get; init; }
    public required HttpClient Owner { get; init; }
    public required string OwnerId { get; init; }

    public static async Task<Spine> BuildAsync(ConsoleHost host, string? matrix = null, string gates = "ABC", string? tier = "executor", object? agent = null)
    {
        var (_, dana) = await host.PersonAsync("dana@example.com", "approver");
        var (_, lee) = await host.PersonAsync("lee@example.com", "approver");
        var (ownerId, owner) = await host.PersonAsync("owner@example.com", "member");
        await ConsoleHost.PostAsync(host.Admin, "/api/v1/groups", new { name = "leads", members = new[] { "dana@example.com", "lee@example.com" } }, 201);
        var rollout = (await ConsoleHost.PostAsync(host.Admin, "/api/v1/rollouts", new { name = "Support", purpose = "Refund what is due", time_zone = "Europe/Berlin" }, 201)).GetProperty("id").GetString()!;
        await PublishAsync(host, rollout, matrix ?? Matrix);
        foreach (var gate in gates) await ConsoleHost.PostAsync(host.Admin, $"/api/v1/rollouts/{rollout}/gates/{gate}/pass", new { reason = "test", waive = new[] { "*" } });
        var agentId = (await ConsoleHost.PostAsync(host.Admin, "/api/v1/agents", agent is null ? new { name = "Agent", rollout_id = rollout, kind = "autonomous", owner = "owner@example.com" } : new { name = "Agent", rollout_id = rollout, kind = "copilot", owner = "owner@example.com" }, 201)).GetProperty("id").GetString()!;
        if (tier is not null) await ConsoleHost.PostAsync(host.Admin, $"/api/v1/agents/{agentId}/grants", new { capability = "*", tier, reason = "test" }, 201);
        var key = (await ConsoleHost.PostAsync(host.Admin, $"/api/v1/agents/{agentId}/keys", new { }, 201)).GetProperty("key").GetString()!;
        return new Spine { Host = host, Rollout = rollout, AgentId = agentId, AgentKey = key, Agent = host.As(key), Dana = dana, Lee = lee, Owner = owner, OwnerId = ownerId };
    }

    public static async Task PublishAsync(ConsoleHost host, string rollout, string matrix)
    {
        using var draft = await host.Admin.GetAsync($"/api/v1/rollouts/{rollout}/matrix");
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/rollouts/{rollout}/matrix") { Content = new StringContent(matrix, Encoding.UTF8, "application/json") };
        put.Headers.TryAddWithoutValidation("If-Match", draft.Headers.ETag!.ToString());
        using var saved = await host.Admin.SendAsync(put);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
        await ConsoleHost.PostAsync(host.Admin, $"/api/v1/rollouts/{rollout}/matrix/publish", new { reason = "test" });
    }

    /// <summary>A tier template of which the agent holds one tier and is offered the other; returns its id.</summary>
    public async Task<string> TemplateAsync()
    {
        var id = (await ConsoleHost.PostAsync(Host.Admin, "/api/v1/templates", new { name = "Support", description = "For agents that answer customers", lines = new object[] { new { capability = "crm.*", tier = "contributor", reason = "Proposes changes", advance = new { to = "executor", scenario_classes = new[] { "edge cases" } } }, new { capability = "mail.*", tier = "contributor", reason = "Drafts", expires_in = "P180D" } } }, 201)).GetProperty("id").GetString()!;
        await ConsoleHost.PostAsync(Host.Admin, $"/api/v1/agents/{AgentId}/templates", new { template = id, reason = "test", lines = new[] { "crm.*" } }, 201);
        return id;
    }

    public Task<JsonElement> AskAsync(object body, int expect = 200) => ConsoleHost.PostAsync(Agent, "/api/v1/decisions", body, expect);

    public Task<JsonElement> RefundAsync(double amount, int expect = 200) => AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812" }, arguments = new { amount, order = "8812" }, run_id = "run-1", confidence = 0.9, reasoning = "charged twice" }, expect);

    public Task<JsonElement> DecideAsync(HttpClient person, JsonElement answer, object verdict, int expect = 200)
        => ConsoleHost.PostAsync(person, $"/api/v1/approvals/{answer.GetProperty("approval").GetProperty("id").GetString()}/decision", verdict, expect);

    public Task<JsonElement> GetAsync(JsonElement answer) => ConsoleHost.GetAsync(Agent, "/api/v1/decisions/" + Id(answer));

    /// <summary>Waits at the API until the decision is made.</summary>
    public async Task<JsonElement> WaitAsync(JsonElement answer, int seconds = 20)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/decisions/" + Id(answer));
        request.Headers.Add("Prefer", "wait=" + seconds);
        using var response = await Agent.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).Clone();
    }

    public static string Id(JsonElement answer) => answer.GetProperty("id").GetString()!;
    public static string Outcome(JsonElement answer) => answer.GetProperty("outcome").GetString()!;
    public static string Code(JsonElement answer) => answer.GetProperty("reasons")[0].GetProperty("code").GetString()!;
}
