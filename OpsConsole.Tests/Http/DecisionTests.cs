using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Features.Approvals;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>The main job over HTTP, on both databases.</summary>
public abstract class DecisionTests(bool postgres) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres });
        _spine = await BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Ask_ReadAndSmallWrite_AreAllowedWithTheRuleAndAWindow()
    {
        var read = await _spine.AskAsync(new { action = "ORDER.get" });
        Assert.Equal(("allow", "rule.allows", "R-1"), (Outcome(read), Code(read), read.GetProperty("authority").GetProperty("rule").GetString()));
        Assert.Equal(JsonValueKind.Null, read.GetProperty("reversible_until").ValueKind);

        var small = await _spine.RefundAsync(20);
        Assert.Equal("allow", Outcome(small));
        Assert.NotEqual(JsonValueKind.Null, small.GetProperty("reversible_until").ValueKind);
        Assert.StartsWith("sha256:", small.GetProperty("digest").GetString());
        Assert.Equal(1, small.GetProperty("authority").GetProperty("matrix_version").GetInt32());
    }

    [Theory]
    [InlineData("""{"action":"payment.transfer"}""", "boundary")]
    [InlineData("""{"action":"unheard.of"}""", "rule.none")]
    [InlineData("""{"action":"refund.create","arguments":{"amount":1001}}""", "rule.denies")]
    [InlineData("""{"action":"refund.create","arguments":{"amount":"20"}}""", "rule.denies")]
    [InlineData("""{"action":"refund.create","arguments":{"amount":[20]}}""", "rule.denies")]
    [InlineData("""{"action":"refund.create"}""", "rule.denies")]
    public async Task Ask_OutOfBoundsOrTricky_IsDeniedWithItsReason(string body, string code)
    {
        var answer = await _spine.AskAsync(JsonDocument.Parse(body).RootElement);
        Assert.Equal(("deny", code), (Outcome(answer), Code(answer)));
    }

    [Fact]
    public async Task Ask_LowConfidence_WaitsForAPerson()
    {
        var answer = await _spine.AskAsync(new { action = "refund.create", arguments = new { amount = 5 }, confidence = 0.3 }, 202);
        Assert.Contains(answer.GetProperty("reasons").EnumerateArray(), r => r.GetProperty("code").GetString() == "confidence.low");
    }

    [Fact]
    public async Task Approve_WaitingAgent_IsReleasedAndActsAndReports()
    {
        var asked = await _spine.RefundAsync(420, 202);
        var waiting = _spine.WaitAsync(asked);
        var view = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve", reason = "fine", version = 1 });
        Assert.Equal("approved", view.GetProperty("status").GetString());
        var released = await waiting;
        Assert.Equal("allow", Outcome(released));
        Assert.Equal(420, released.GetProperty("arguments").GetProperty("amount").GetDouble());

        object report = new { status = "succeeded", cost = new { usd = "0.0119", tokens = 1702 }, writes = new[] { new { system = "billing", record = "refund/1", operation = "create", after = new { amount = 420 } } } };
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/outcome", report);
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/outcome", report);
        var other = await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/outcome", new { status = "failed" }, 409);
        Assert.Equal("outcome.already_reported", other.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wait_WithAKeyThatIsRevokedMeanwhile_EndsWithoutTheAnswer(bool atTheAsk)
    {
        using var impatient = _host.As(_spine.AgentKey);
        var asked = atTheAsk ? default : await _spine.RefundAsync(420, 202);
        using var request = new HttpRequestMessage(atTheAsk ? HttpMethod.Post : HttpMethod.Get, "/api/v1/decisions" + (atTheAsk ? "" : "/" + Id(asked)));
        if (atTheAsk) request.Content = System.Net.Http.Json.JsonContent.Create(new { action = "refund.create", arguments = new { amount = 420 }, confidence = 0.9 });
        request.Headers.Add("Prefer", "wait=60");
        var waiting = impatient.SendAsync(request);
        await Until.True(async () => (await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/approvals?status=pending")).GetProperty("items").GetArrayLength() == 1, "the request");
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Delete, $"/api/v1/agents/{_spine.AgentId}/keys/{_spine.AgentKey.Split('_')[1]}", null, 204);
        using var response = await waiting.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("unauthenticated", JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Wait_ByAPersonWhoMayNotSee_IsRefusedAtOnce()
    {
        var asked = await _spine.RefundAsync(420, 202);
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/decisions/" + Id(asked)) { Headers = { { "Prefer", "wait=60" } } };
        using var response = await stranger.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Decide_TwiceAndContradicting_FirstWinsAndSaysWho()
    {
        var asked = await _spine.RefundAsync(300, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reject", reason = "no receipt", reason_code = "evidence" });
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reject", reason = "no receipt" });
        var lost = await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" }, 409);
        Assert.Equal(("approval.decided", "reject", "dana"), (lost.GetProperty("code").GetString(), lost.GetProperty("decision").GetProperty("verdict").GetString(), lost.GetProperty("decision").GetProperty("by").GetString()));
        var told = await _spine.GetAsync(asked);
        Assert.Equal(("deny", "approval.rejected"), (Outcome(told), Code(told)));
        Assert.Contains("no receipt", told.GetProperty("reasons")[0].GetProperty("message").GetString());
        var acted = await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/outcome", new { status = "succeeded" }, 409);
        Assert.Equal("decision.not_allowed", acted.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Edit_IsEvaluatedAgain_AndWhatWasEditedIsReleased()
    {
        var asked = await _spine.RefundAsync(400, 202);
        var denied = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "edit", arguments = new { amount = 5000 } }, 422);
        Assert.Equal("edit.denied", denied.GetProperty("code").GetString());
        var before = asked.GetProperty("digest").GetString();
        var view = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "edit", arguments = new { amount = 250, order = "8812" }, reason = "part was delivered" });
        Assert.Equal("edited", view.GetProperty("status").GetString());
        var released = await _spine.GetAsync(asked);
        Assert.Equal(("allow", 250d), (Outcome(released), released.GetProperty("arguments").GetProperty("amount").GetDouble()));
        Assert.NotEqual(before, released.GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Sequence_QuorumOfTwo_ThenClaimOnce()
    {
        var asked = await _spine.AskAsync(new { action = "mail.send", arguments = new { to = "x@example.com" }, preconditions = new { etag = "7" } }, 202);
        var early = await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" }, 403);
        Assert.Equal("approval.not_your_turn", early.GetProperty("code").GetString());
        Assert.Equal("pending", (await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" })).GetProperty("status").GetString());
        Assert.Equal("approved", (await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" })).GetProperty("status").GetString());

        var claim = $"/api/v1/decisions/{Id(asked)}/claim";
        Assert.Equal("digest.mismatch", (await ConsoleHost.PostAsync(_spine.Agent, claim, new { arguments = new { to = "x@example.com" }, preconditions = new { etag = "8" } }, 409)).GetProperty("code").GetString());
        Assert.Equal("decision.not_claimed", (await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/outcome", new { status = "succeeded" }, 409)).GetProperty("code").GetString());
        object right = new { arguments = new { to = "x@example.com" }, preconditions = new { etag = "7" } };
        await ConsoleHost.PostAsync(_spine.Agent, claim, right);
        Assert.Equal("decision.consumed", (await ConsoleHost.PostAsync(_spine.Agent, claim, right, 409)).GetProperty("code").GetString());
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/outcome", new { status = "succeeded" });
    }

    [Fact]
    public async Task Decide_ByOwnerOfTheAgent_IsForbidden_AndAdminIsBreakGlass()
    {
        var asked = await _spine.AskAsync(new { action = "note.add" }, 202);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "rollout_owner" } }, 201);
        Assert.Equal("approval.not_decider", (await _spine.DecideAsync(_spine.Owner, asked, new { verdict = "approve" }, 403)).GetProperty("code").GetString());
        var refund = await _spine.RefundAsync(201, 202);
        Assert.Equal("break_glass", (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + refund.GetProperty("approval").GetProperty("id").GetString())).GetProperty("my_standing").GetString());
        var view = await _spine.DecideAsync(_host.Admin, refund, new { verdict = "approve", reason = "night" });
        Assert.True(view.GetProperty("votes")[0].GetProperty("break_glass").GetBoolean());
    }

    [Fact]
    public async Task ApproverOfAnOlderVersion_SeesAndDecidesWhatStillWaits()
    {
        var asked = await _spine.AskAsync(new { action = "mail.send", arguments = new { to = "old@example.com" } }, 202);
        var id = asked.GetProperty("approval").GetProperty("id").GetString();
        await PublishAsync(_host, _spine.Rollout, """{ "rules": [ { "id": "R-9", "action": "mail.send", "outcome": "approve", "consequence": "low", "approvers": ["user:owner@example.com"] } ] }""");
        Assert.Contains((await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/approvals?status=pending")).GetProperty("items").EnumerateArray(), a => a.GetProperty("id").GetString() == id);
        var dana = new PersonCaller(_host.Writer.State.Directory.ByEmail["dana@example.com"], null, "session");
        Assert.Contains(await _host.Services.GetRequiredService<ApprovalInbox>().QueueAsync(dana, null, mineOnly: true, 50, default), r => r.Id == id && r.MayDecide);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reject", reason = "no longer" });
        Assert.DoesNotContain(await _host.Services.GetRequiredService<ApprovalInbox>().QueueAsync(dana, null, mineOnly: true, 50, default), r => r.Id == id);
        await PublishAsync(_host, _spine.Rollout, Matrix);
    }

    [Fact]
    public async Task Sla_RunsOut_IsExpiredWithinASecondAndNeverRejected()
    {
        var asked = await _spine.AskAsync(new { action = "quick.ask" }, 202);
        var told = await _spine.WaitAsync(asked);
        Assert.Equal(("deny", "approval.expired", "expired"), (Outcome(told), Code(told), told.GetProperty("approval").GetProperty("status").GetString()));
        Assert.Equal("approval.expired", (await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" }, 409)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Pause_HoldsFromTheNextDecision_AndReleasesOnResume()
    {
        var asked = await _spine.RefundAsync(500, 202);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/pause", new { reason = "looks odd" });
        var refused = await _spine.RefundAsync(10);
        Assert.Equal(("deny", "paused"), (Outcome(refused), Code(refused)));
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        var held = await _spine.GetAsync(asked);
        Assert.Equal(("pending", "paused", "approved"), (Outcome(held), Code(held), held.GetProperty("approval").GetProperty("status").GetString()));
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/resume", new { reason = "it was us" });
        Assert.Equal("allow", Outcome(await _spine.WaitAsync(asked)));
    }

    [Fact]
    public async Task Release_AfterTheRulesWereTightened_IsAuthorityChanged()
    {
        var asked = await _spine.RefundAsync(600, 202);
        await PublishAsync(_host, _spine.Rollout, Matrix.Replace("\"value\": 1000", "\"value\": 550"));
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        var told = await _spine.GetAsync(asked);
        Assert.Equal(("deny", "authority.changed"), (Outcome(told), Code(told)));
    }

    [Fact]
    public async Task IdempotencyKey_SameBody_Replays_OtherBody_Conflicts()
    {
        async Task<(int Status, string Body)> Send(double amount)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/decisions") { Content = System.Net.Http.Json.JsonContent.Create(new { action = "refund.create", arguments = new { amount } }) };
            request.Headers.Add("Idempotency-Key", "key-1");
            using var response = await _spine.Agent.SendAsync(request);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }
        var first = await Send(5);
        Assert.Equal(200, first.Status);
        Assert.Equal(first, await Send(5));
        var other = await Send(6);
        Assert.Equal(409, other.Status);
        Assert.Contains("idempotency.mismatch", other.Body);
    }

    [Fact]
    public async Task Cancel_LeavesTheQueue()
    {
        var asked = await _spine.RefundAsync(300, 202);
        var cancelled = await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/cancel", null);
        Assert.Equal(("deny", "cancelled"), (Outcome(cancelled), Code(cancelled)));
        Assert.Equal(409, (int)(await _spine.Dana.PostAsync($"/api/v1/approvals/{asked.GetProperty("approval").GetProperty("id").GetString()}/decision", new StringContent("""{"verdict":"approve"}""", System.Text.Encoding.UTF8, "application/json"))).StatusCode);
    }

    [Fact]
    public async Task Shadow_IsNeverAllowed_AndSaysWhatWouldBe()
    {
        var answer = await _spine.AskAsync(new { action = "refund.create", arguments = new { amount = 5 }, mode = "shadow" });
        Assert.Equal(("shadow", "allow"), (Outcome(answer), answer.GetProperty("would_be").GetString()));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("approval").ValueKind);
    }

    [Fact]
    public async Task Caps_RefuseWhenFull_AndSettleWhatWasReported()
    {
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/agents/{_spine.AgentId}/caps", new { usd = new { day = "1.00" }, default_reserve = new { usd = "0.40" } }, 200);
        var first = await _spine.RefundAsync(1);
        await _spine.RefundAsync(2);
        var full = await _spine.RefundAsync(3);
        Assert.Equal(("deny", "cap.usd.day"), (Outcome(full), Code(full)));
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(first)}/outcome", new { status = "succeeded", cost = new { usd = "0.01" } });
        Assert.Equal("allow", Outcome(await _spine.RefundAsync(4)));
    }

    [Fact]
    public async Task Loop_TheTwentyFirstIdenticalCall_IsDenied()
    {
        for (var i = 0; i < 20; i++) Assert.Equal("allow", Outcome(await _spine.AskAsync(new { action = "order.get", arguments = new { id = 1 }, run_id = "loop" })));
        Assert.Equal("loop", Code(await _spine.AskAsync(new { action = "order.get", arguments = new { id = 1 }, run_id = "loop" })));
        Assert.Equal("allow", Outcome(await _spine.AskAsync(new { action = "order.get", arguments = new { id = 1 }, run_id = "other" })));
    }

    [Fact]
    public async Task OtherAgentsDecision_IsNotFound()
    {
        var asked = await _spine.RefundAsync(300, 202);
        var other = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/agents", new { name = "Other", rollout_id = _spine.Rollout, kind = "autonomous", owner = "owner@example.com" }, 201)).GetProperty("id").GetString();
        var key = (await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{other}/keys", new { }, 201)).GetProperty("key").GetString()!;
        using var client = _host.As(key);
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Post, "/claim"), (HttpMethod.Post, "/outcome"), (HttpMethod.Post, "/cancel") })
            await ConsoleHost.SendAsync(client, method, "/api/v1/decisions/" + Id(asked) + path, method == HttpMethod.Post ? new { } : null, 404);
    }
}

public sealed class SqliteDecisionTests() : DecisionTests(postgres: false);

public sealed class PostgresDecisionTests() : DecisionTests(postgres: true);
