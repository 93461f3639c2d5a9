using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>Handing a request on and escalating it by hand, over HTTP.</summary>
public sealed class HandingTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private static string Approval(JsonElement asked) => asked.GetProperty("approval").GetProperty("id").GetString()!;
    private static string[] Asked(JsonElement view) => [.. view.GetProperty("asked").EnumerateArray().Select(a => $"{a.GetProperty("name").GetString()} {a.GetProperty("why").GetString()}").Order()];
    private static string CodeOf(JsonElement problem) => problem.GetProperty("code").GetString()!;

    [Fact]
    public async Task Reassign_ToSomebodyInNoRole_TheyFindItAndDecideIt()
    {
        var (_, eve) = await _host.PersonAsync("eve@example.com", "member");
        var asked = await _spine.RefundAsync(300, 202);
        Assert.Empty((await GetAsync(eve, "/api/v1/approvals?status=pending")).GetProperty("items").EnumerateArray());
        var handed = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", to = "eve@example.com", reason = "on a train", version = 1 });
        Assert.Equal(["eve handed_on", "lee named"], Asked(handed));
        Assert.Equal(("dana", "eve", "on a train"), (handed.GetProperty("moves")[0].GetProperty("name").GetString(), handed.GetProperty("moves")[0].GetProperty("to").GetString(), handed.GetProperty("moves")[0].GetProperty("reason").GetString()));
        Assert.Equal(2, (await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", to = "eve@example.com", reason = "on a train", version = 1 })).GetProperty("version").GetInt64());   // a retry
        Assert.Equal("approval.not_decider", CodeOf(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" }, 403)));
        Assert.Equal("approval.stale", CodeOf(await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "escalate", reason = "hurry", version = 1 }, 409)));

        Assert.Equal(Approval(asked), Assert.Single((await GetAsync(eve, "/api/v1/approvals?status=pending")).GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        var decided = await _spine.DecideAsync(eve, asked, new { verdict = "approve" });
        Assert.Equal(("approved", "handed_on", "dana"), (decided.GetProperty("status").GetString(), decided.GetProperty("votes")[0].GetProperty("capacity").GetString(), decided.GetProperty("votes")[0].GetProperty("place_of").GetString()));
        Assert.Equal("allow", Outcome(await _spine.WaitAsync(asked)));
        Assert.Equal("approval.decided", CodeOf(await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "reassign", to = "eve@example.com", reason = "too late" }, 409)));
        var log = (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.reassigned")).GetProperty("items");
        Assert.Equal(1, log.GetArrayLength());
    }

    [Fact]
    public async Task HandedOn_ToSomebodyOutsideTheRollout_OpensThisRequestAndNoOther()
    {
        await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(290, 202), new { verdict = "approve" });
        var (_, eve) = await _host.PersonAsync("eve@example.com", "member");
        var asked = await _spine.RefundAsync(300, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", to = "eve@example.com", reason = "on a train" });
        foreach (var (who, hidden) in new[] { (eve, true), (_spine.Owner, true), (_host.Admin, false) })
        {
            var history = await GetAsync(who, $"/api/v1/approvals/{Approval(asked)}/history");
            Assert.Equal((1, hidden), (history.GetProperty("compared").GetInt32(), history.GetProperty("only_this").GetBoolean()));
            Assert.Equal((hidden ? 0 : 1, hidden ? 0 : 1), (history.GetProperty("like").GetArrayLength(), history.GetProperty("last").GetArrayLength()));
            Assert.Equal(hidden, !history.TryGetProperty("similar", out var similar) || similar.ValueKind == JsonValueKind.Null);
        }
    }

    [Fact]
    public async Task Reassign_ToWhomMayNotDecide_OrWithoutWords_IsRefused()
    {
        var asked = await _spine.RefundAsync(300, 202);
        var owner = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", to = "owner@example.com", reason = "you know it" }, 422);
        Assert.Equal(("approval.may_not_decide", "to"), (CodeOf(owner), owner.GetProperty("field").GetString()));
        Assert.Contains("owns this agent", owner.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("person.unknown", CodeOf(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", to = "gone@example.com", reason = "x" }, 422)));
        Assert.Equal("field.required", CodeOf(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", to = "lee@example.com" }, 400)));
        Assert.Equal("field.required", CodeOf(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", reason = "x" }, 400)));
        Assert.Equal("field.invalid", CodeOf(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve", to = "lee@example.com" }, 400)));
        Assert.Equal("approval.not_decider", CodeOf(await _spine.DecideAsync(_host.Admin, asked, new { verdict = "reassign", to = "lee@example.com", reason = "x" }, 403)));   // has no place to hand on
        Assert.Equal(["dana named", "lee named"], Asked(await GetAsync(_host.Admin, "/api/v1/approvals/" + Approval(asked))));
    }

    [Fact]
    public async Task Escalate_ByHand_AsksTheOwnersNowAndDecidesNothing()
    {
        var asked = await _spine.RefundAsync(300, 202);
        Assert.Equal("field.required", CodeOf(await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "escalate" }, 400)));
        var before = (await GetAsync(_host.Admin, "/api/v1/approvals/" + Approval(asked))).GetProperty("expires_at").GetDateTimeOffset();
        var view = await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "escalate", reason = "not my call" });
        Assert.Equal(("pending", true, before), (view.GetProperty("status").GetString(), view.GetProperty("escalated").GetBoolean(), view.GetProperty("expires_at").GetDateTimeOffset()));   // the rule denies on expiry: its clock goes on
        Assert.Contains(Asked(view), a => a.EndsWith(" escalated", StringComparison.Ordinal));
        Assert.Equal(view.GetProperty("version").GetInt64(), (await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "escalate", reason = "not my call" })).GetProperty("version").GetInt64());
        Assert.Equal("approval.not_decider", CodeOf(await _spine.DecideAsync(_spine.Owner, asked, new { verdict = "escalate", reason = "mine" }, 403)));
        Assert.Equal("pending", Outcome(await _spine.GetAsync(asked)));
        var entry = Assert.Single((await GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.escalated")).GetProperty("items").EnumerateArray());
        Assert.Contains("hand", entry.GetRawText(), StringComparison.Ordinal);
        // The rollout's owner, an admin too, now decides as one who is asked and breaks no glass.
        Assert.False((await _spine.DecideAsync(_host.Admin, asked, new { verdict = "approve" })).GetProperty("votes")[0].GetProperty("break_glass").GetBoolean());
    }
}
