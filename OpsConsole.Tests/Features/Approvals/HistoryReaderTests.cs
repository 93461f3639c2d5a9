using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Features.Evals;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Features.Approvals;

public sealed class HistoryReaderTests
{
    [Fact]
    public async Task EveryQuery_WalksItsIndex()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        foreach (var (plan, index) in ((string, string)[])[
            (await QueryPlan.OfAsync(db, HistoryReader.Ended(db, "agt", "refund.create", 1_000).Take(200)), "ix_approvals_agent_action (agent_id=? AND action=? AND seq<?)"),
            (await QueryPlan.OfAsync(db, HistoryReader.OfAction(db, "refund.create", 1_000).Take(400)), "ix_decisions_action (action=? AND seq<?)"),
            (await QueryPlan.OfAsync(db, HistoryReader.OfAgent(db, "agt", 1_000).Take(10)), "ix_decisions_agent (agent_id=? AND seq<?)"),
            (await QueryPlan.OfAsync(db, HistoryReader.Waiting(db, "agt").Take(200)), "ix_approvals_queue_agent (agent_id=?)"),
            (await QueryPlan.OfAsync(db, HistoryReader.About(db, "apr").Take(200)), "ix_audit_object (object=?)"),
            (await QueryPlan.OfAsync(db, EvalCaseDesk.Kept(db, "rol", 1_000).Take(51)), "ix_eval_cases_rollout (rollout_id=? AND seq<?)")])
        {
            QueryPlan.AssertOrdered(plan);
            Assert.Contains(index, plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task History_OfARequest_ComparesOnlyWithWhatThisAgentWasLetDo()
    {
        await using var host = await StartAsync();
        var spine = await Spine.BuildAsync(host);
        foreach (var amount in (double[])[210, 230, 220, 250]) await ApproveAsync(spine, amount);
        foreach (var amount in (double[])[100, 110]) Assert.Equal("allow", Spine.Outcome(await spine.RefundAsync(amount)));   // alone, by another rule
        await spine.DecideAsync(spine.Dana, await spine.RefundAsync(990, 202), new { verdict = "reject", reason_code = "wrong_amount" });   // never happened
        Assert.Equal("deny", Spine.Outcome(await spine.RefundAsync(5_000)));

        var asked = await spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812" }, arguments = new { amount = 660, order = "8812" }, undo = new { kind = "reverse_write", action = "payment.back" } }, 202);
        var history = await GetAsync(spine.Dana, $"/api/v1/approvals/{asked.GetProperty("approval").GetProperty("id").GetString()}/history");
        Assert.Equal(6, history.GetProperty("compared").GetInt32());
        var mark = Assert.Single(history.GetProperty("unusual").EnumerateArray());
        Assert.Equal(("amount", "3.1× its usual 215, higher than all 6 earlier"), (mark.GetProperty("path").GetString(), mark.GetProperty("words").GetString()));
        var similar = history.GetProperty("similar");   // the newest under the same rule, not the newest at all
        Assert.Equal(("approved", "succeeded", 250), (similar.GetProperty("how").GetString(), similar.GetProperty("reported").GetString(), similar.GetProperty("arguments").GetProperty("amount").GetInt32()));
        Assert.Equal(["rejected", "approved", "approved", "approved", "approved"], history.GetProperty("like").EnumerateArray().Select(l => l.GetProperty("status").GetString()));
        var last = history.GetProperty("last").EnumerateArray().ToList();
        Assert.Equal(("deny", "deny", "allow"), (last[0].GetProperty("outcome").GetString(), last[1].GetProperty("outcome").GetString(), last[2].GetProperty("outcome").GetString()));
        Assert.Equal(("rejected", "alone"), (last[1].GetProperty("by").GetString(), last[2].GetProperty("by").GetString()));
        Assert.Contains("but the matrix denies its undo action “payment.back”", history.GetProperty("undo").GetProperty("sentence").GetString());
        Assert.False(history.GetProperty("undo").GetProperty("holds").GetBoolean());
    }

    [Fact]
    public async Task TheVerySameCall_LetGoBeforeOrWaitingToo_IsSaid_WithTheTimeOfTheYes()
    {
        var time = new OpsConsole.Support.HandTime(DateTimeOffset.UtcNow);
        await using var host = await StartAsync(new HostSettings { Time = time });
        var spine = await Spine.BuildAsync(host);
        var (first, second) = (await spine.RefundAsync(337, 202), await spine.RefundAsync(337, 202));
        Assert.Equal(Apr(first), (await HistoryAsync(second)).GetProperty("twin").GetString());
        time.Advance(TimeSpan.FromMinutes(8));
        await spine.DecideAsync(spine.Dana, first, new { verdict = "approve" });
        var history = await HistoryAsync(second);
        Assert.Equal((JsonValueKind.Null, Spine.Id(first)), (history.GetProperty("twin").ValueKind, history.GetProperty("repeats").GetProperty("decision_id").GetString()));
        foreach (var call in (string[])["repeats", "similar"]) Assert.Equal(time.GetUtcNow(), history.GetProperty(call).GetProperty("at").GetDateTimeOffset(), TimeSpan.FromSeconds(1));
        var other = await spine.RefundAsync(338, 202);
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), ((await HistoryAsync(other)).GetProperty("repeats").ValueKind, (await HistoryAsync(other)).GetProperty("twin").ValueKind));

        Task<JsonElement> HistoryAsync(JsonElement of) => GetAsync(spine.Dana, $"/api/v1/approvals/{Apr(of)}/history");
        static string Apr(JsonElement of) => of.GetProperty("approval").GetProperty("id").GetString()!;
    }

    private static async Task ApproveAsync(Spine spine, double amount)
    {
        var asked = await spine.RefundAsync(amount, 202);
        await spine.DecideAsync(spine.Dana, asked, new { verdict = "approve" });
        await PostAsync(spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = "succeeded" });
    }
}
