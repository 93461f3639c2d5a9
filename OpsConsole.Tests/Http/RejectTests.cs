using System.Net.Http.Headers;
using System.Text.Json;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Decisions.Api;
using OpsConsole.Features.Evals;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>What a no leaves behind: a kind of reason for the agent, a case for evals to come.</summary>
public sealed class RejectTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Cases => $"/api/v1/rollouts/{_spine.Rollout}/eval_cases";

    [Fact]
    public async Task Reject_WithACode_ReachesTheAgentAsCodeAndInWords()
    {
        var silent = await _spine.RefundAsync(420, 202);
        await _spine.DecideAsync(_spine.Dana, silent, new { verdict = "reject", reason_code = "wrong_amount" });
        var answer = await _spine.GetAsync(silent);
        Assert.Equal(("wrong_amount", "Rejected by dana: wrong amount or value"), (answer.GetProperty("approval").GetProperty("reason_code").GetString(), answer.GetProperty("reasons")[0].GetProperty("message").GetString()));
        // What the contract says is what is written.
        Assert.All(answer.GetProperty("approval").EnumerateObject(), p => Assert.Contains(p.Name, typeof(ApprovalDto).GetProperties().Select(x => JsonNamingPolicy.SnakeCaseLower.ConvertName(x.Name))));
        var said = await _spine.RefundAsync(430, 202);
        await _spine.DecideAsync(_spine.Dana, said, new { verdict = "reject", reason_code = "moon_phase", reason = "Not tonight" });   // any word is taken
        answer = await _spine.GetAsync(said);
        Assert.Equal(("moon_phase", "Rejected by dana: Not tonight"), (answer.GetProperty("approval").GetProperty("reason_code").GetString(), answer.GetProperty("reasons")[0].GetProperty("message").GetString()));
        var allowed = await _spine.RefundAsync(440, 202);
        await _spine.DecideAsync(_spine.Dana, allowed, new { verdict = "approve", reason_code = "policy" });
        Assert.False((await _spine.GetAsync(allowed)).GetProperty("approval").TryGetProperty("reason_code", out _));
    }

    [Fact]
    public async Task ReasonCodes_OfTheRollout_AreCheckedKeptAndShownToApprovers()
    {
        var path = "/api/v1/rollouts/" + _spine.Rollout;
        foreach (var wrong in (object[])[new[] { "Big" }, new[] { "policy" }, new[] { "vip", "vip" }, Enumerable.Range(0, 21).Select(i => "code_" + i), "vip"]) await SendAsync(_host.Admin, HttpMethod.Patch, path, new { reason_codes = wrong }, 400);
        var view = await SendAsync(_host.Admin, HttpMethod.Patch, path, new { reason_codes = new[] { "vip_customer" } }, 200);
        Assert.Equal("vip_customer", view.GetProperty("reason_codes")[0].GetString());
        var asked = await _spine.RefundAsync(420, 202);
        var request = await GetAsync(_spine.Dana, "/api/v1/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
        Assert.Equal("vip_customer", request.GetProperty("reason_codes")[0].GetString());
    }

    [Fact]
    public async Task EvalCase_IsKeptAsItWasRejected_ListedAndRemovedWithAReason()
    {
        var asked = await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812" }, arguments = new { amount = 420 }, context = new[] { new { kind = "message", text = "=give me money" } }, reasoning = "charged twice" }, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve", eval_case = true }, 400);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reject", reason_code = "policy", reason = "=cmd()", eval_case = true });
        await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(430, 202), new { verdict = "reject", reason_code = "policy" });   // not ticked, not kept

        var kept = Assert.Single((await GetAsync(_host.Admin, Cases)).GetProperty("items").EnumerateArray());
        var approval = asked.GetProperty("approval").GetProperty("id").GetString();
        Assert.Equal(("deny", "policy_sensitive", "policy", approval, 420, "8812"), (Text(kept, "expected"), Text(kept, "category"), Text(kept, "reason_code"), Text(kept, "approval_id"), kept.GetProperty("arguments").GetProperty("amount").GetInt32(), Text(kept.GetProperty("resource"), "id")));
        Assert.Equal("=give me money", Text(kept.GetProperty("context")[0], "text"));

        using var csv = new HttpRequestMessage(HttpMethod.Get, Cases);
        csv.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        using var table = await _host.Admin.SendAsync(csv);
        Assert.Equal("text/csv", table.Content.Headers.ContentType!.MediaType);
        var text = await table.Content.ReadAsStringAsync();
        Assert.Contains("policy_sensitive,policy,'=cmd(),Agent", text);   // no formula

        var remove = $"{Cases}/{Text(kept, "id")}/remove";
        await PostAsync(_spine.Dana, remove, new { reason = "x" }, 403);
        await PostAsync(_host.Admin, remove, new { reason = " " }, 400);
        await PostAsync(_host.Admin, remove, new { reason = "It was allowed after all" }, 204);
        await PostAsync(_host.Admin, remove, new { reason = "again" }, 404);
        Assert.Empty((await GetAsync(_host.Admin, Cases)).GetProperty("items").EnumerateArray());
        var entries = (await GetAsync(_host.Admin, "/api/v1/audit/entries?object=" + Text(kept, "id"))).GetProperty("items").EnumerateArray().Select(e => Text(e, "event")).ToList();
        Assert.Equal(["eval_case.kept", "eval_case.removed"], entries.Order());
    }

    [Fact]
    public async Task EvalCases_AreReadWithBothScopes_AndAllOfThemStandInTheTable()
    {
        foreach (var (scopes, status) in ((string[], int)[])[(["rollouts"], 403), (["approvals"], 403), (["rollouts", "approvals"], 200)])
        {
            var token = Text(await PostAsync(_host.Nobody, "/api/v1/tokens", new { email = AdminEmail, password = AdminPassword, scopes }, 201), "token");
            await GetAsync(_host.As(token), Cases, status);
        }
        for (var i = 0; i <= EvalCaseDesk.RowsAtOnce; i++) await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(300 + i, 202), new { verdict = "reject", reason_code = "policy", eval_case = true });
        using var csv = new HttpRequestMessage(HttpMethod.Get, Cases);
        csv.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        using var table = await _host.Admin.SendAsync(csv);
        var rows = Csv.Read(await table.Content.ReadAsStringAsync()).Value;
        Assert.Equal(EvalCaseDesk.RowsAtOnce + 2, rows.Count);
        Assert.Equal(rows.Count, rows.Select(r => r[0]).Distinct().Count());
    }

    [Fact]
    public async Task EvalCase_OfAnotherRollout_DoesNotExist()
    {
        var (_, stranger) = await _host.PersonAsync("xeno@example.com", "member");
        await GetAsync(stranger, Cases, 404);
        var asked = await _spine.RefundAsync(420, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reject", reason_code = "policy", eval_case = true });
        var other = Text(await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Other" }, 201), "id");
        var id = Text((await GetAsync(_host.Admin, Cases)).GetProperty("items")[0], "id");
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{other}/eval_cases/{id}/remove", new { reason = "x" }, 404);
    }

    private static string Text(JsonElement view, string name) => view.GetProperty(name).GetString()!;
}
