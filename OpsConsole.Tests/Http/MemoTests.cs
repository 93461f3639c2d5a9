using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Reviews;
using OpsConsole.Data;
using OpsConsole.Features.Audit;
using OpsConsole.Features.Reviews;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Http.MemoFixture;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteMemoTests() : MemoTests(postgres: false);

public sealed class PostgresMemoTests() : MemoTests(postgres: true);

/// <summary>The scale memo: what it gathers, who decides, what keeps it from being approved, and what gate D makes of it.</summary>
public abstract class MemoTests(bool postgres) : IAsyncLifetime
{
    private MemoFixture _f = default!;

    public async Task InitializeAsync() => _f = await MemoFixture.BuildAsync(postgres);

    public async Task DisposeAsync()
    {
        var check = await _f.Host.Services.GetRequiredService<AuditVerifier>().VerifyAsync(null, default);
        Assert.Empty(check.Broken);
        await _f.Host.DisposeAsync();
    }

    private static string Code(JsonElement fault) => Word(fault, "code");

    private async Task<List<JsonElement>> LogAsync(string evt)
    {
        await using var db = await _f.Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return (await db.Audit.Where(a => a.Event == evt).OrderBy(a => a.Seq).Select(a => a.Leaf).ToListAsync()).ConvertAll(l => JsonElement.Parse(l).GetProperty("details"));
    }

    private async Task ConfirmHoldsAsync() => await SendAsync(_f.Ron, HttpMethod.Put, _f.Path + "/confirmations/scale-holds", new { words = "I looked at every incident of the cycle.", link = "https://wiki.example.com/holds" }, 200);

    [Fact]
    public async Task FourWeeks_ToASignedMemo_AndGateD_UntilItIsTakenBack()
    {
        await _f.WeeksAsync(4);
        Assert.Equal("no scale memo is written yet", Word(await _f.CriterionAsync(), "evidence"));
        var memo = await _f.MemoAsync(submit: false);
        var e = memo.GetProperty("evidence");
        Assert.Equal((4, JsonValueKind.Null), (e.GetProperty("weeks").GetArrayLength(), e.GetProperty("lacks").ValueKind));
        Assert.All(e.GetProperty("weeks").EnumerateArray(), w => Assert.Equal("keep", Word(w, "verdict")));
        var figures = e.GetProperty("figures").EnumerateArray().ToDictionary(f => Word(f, "name"));
        Assert.Equal((0, 8, true), (figures["override_rate"].GetProperty("count").GetInt32(), figures["override_rate"].GetProperty("n").GetInt32(), figures["override_rate"].GetProperty("inside").GetBoolean()));
        Assert.Equal(0.3244, figures["override_rate"].GetProperty("high").GetDouble(), 4);   // Wilson, 0 of 8
        Assert.Equal("0.24", e.GetProperty("cost_usd").GetRawText().Trim('"').TrimEnd('0'));
        Assert.Contains("grant.given", e.GetProperty("changes").EnumerateArray().Select(c => Word(c, "event")));   // in the first week
        Assert.DoesNotContain("memo", e.GetProperty("criteria").EnumerateArray().Select(c => Word(c, "id")));
        Assert.Empty(memo.GetProperty("bars").EnumerateArray());
        Assert.Empty(memo.GetProperty("changed").EnumerateArray());
        Assert.Equal("memo.open", Code(await PostAsync(_f.Owner, _f.Memos, null, 409)));   // one at a time
        Assert.Equal("memo.not_submitted", Code(await _f.DecideAsync(_f.Sam, memo, "approve", 409)));

        memo = await _f.SubmitAsync(memo);
        Assert.Equal("submitted", Word(memo, "state"));
        Assert.Equal("memo.submitted", Code(await WithVersionAsync(_f.Owner, HttpMethod.Put, $"{_f.Memos}/{Word(memo, "id")}/sections/ask", memo, new { text = "Something else altogether" }, 409)));
        Assert.Equal("a memo waits for the sponsor", Word(await _f.CriterionAsync(), "evidence"));
        foreach (var nobody in (HttpClient[])[_f.Owner, _f.Ron, _f.Admin]) await _f.DecideAsync(nobody, memo, "approve", 403);   // an admin is no sponsor
        Assert.Equal("memo.words", Code(await _f.DecideAsync(_f.Sam, memo, "approve", 422, words: "ok")));
        await WithTagAsync(_f.Sam, HttpMethod.Post, $"{_f.Memos}/{Word(memo, "id")}/verdict", null, new { verdict = "approve", words = "Without having looked at it" }, 428);
        Assert.Equal("memo.stale", Code(await WithTagAsync(_f.Sam, HttpMethod.Post, $"{_f.Memos}/{Word(memo, "id")}/verdict", "\"v1\"", new { verdict = "approve", words = "Having looked at another one" }, 412)));
        // In a browser that was left open since yesterday, the password is asked for again.
        var sam = _f.Host.Writer.State.Directory.ByEmail["sam@example.com"];
        var stale = await _f.Host.Services.GetRequiredService<ScaleMemoDesk>().DecideAsync(new PersonCaller(sam, null, "session", _f.Host.Writer.Now - TimeSpan.FromHours(13), "ses"), _f.Spine.Rollout, Word(memo, "id"), new MemoDecision(MemoVerdict.Decline, "Whoever sits there now says no.", []), null);
        Assert.Equal("sign_in.stale", stale.Fault?.Code);
        var signed = await _f.DecideAsync(_f.Sam, memo, "approve");
        Assert.Equal(("approved", "sam"), (Word(signed, "state"), Word(signed.GetProperty("signed").GetProperty("by"), "name")));
        Assert.Equal(Word(memo, "sha256"), Word(Assert.Single(await LogAsync("memo.signed")), "sha256"));
        Assert.Equal("memo.not_submitted", Code(await _f.DecideAsync(_f.Sam, signed, "decline", 409)));

        await ConfirmHoldsAsync();
        var criterion = await _f.CriterionAsync();
        Assert.True(criterion.GetProperty("met").GetBoolean(), criterion.GetRawText());
        Assert.EndsWith("/memos/" + Word(memo, "id"), Word(criterion, "record"), StringComparison.Ordinal);
        var passed = await PostAsync(_f.Sam, _f.Path + "/gates/D/pass", new { reason = "The memo is approved" });
        Assert.True(passed.GetProperty("in_force").GetBoolean());
        Assert.Empty(passed.GetProperty("waived").EnumerateArray());

        _f.Skip(TimeSpan.FromDays(70));   // nothing falls because time passes
        await _f.TurnAsync();
        var later = await _f.GateAsync();
        Assert.False(later.GetProperty("criteria").EnumerateArray().Single(c => Word(c, "id") == "weekly-reviews").GetProperty("met").GetBoolean());
        Assert.True(later.GetProperty("passed").GetBoolean());
        await PostAsync(_f.Owner, $"{_f.Memos}/{Word(memo, "id")}/take-back", new { words = "It is not mine to take back" }, 403);
        await PostAsync(_f.Sam, $"{_f.Memos}/{Word(memo, "id")}/take-back", new { words = "The board wants to wait after all." });
        await Until.True(async () => !(await _f.GateAsync()).GetProperty("passed").GetBoolean(), "gate D falls when the approval is taken back");
        Assert.Contains("taken back", Word(await _f.GateAsync(), "reason"), StringComparison.Ordinal);
        Assert.Equal("memo.not_approved", Code(await PostAsync(_f.Sam, $"{_f.Memos}/{Word(memo, "id")}/take-back", new { words = "And once more, to be sure" }, 409)));
    }

    [Fact]
    public async Task Holds_MissingWeeks_AndThresholdsMovedAfterTheFact_StandInTheWay_EachSaid()
    {
        await _f.WeeksAsync(3, async week =>
        {
            if (week == 1) await SendAsync(_f.Admin, HttpMethod.Patch, _f.Path, new { thresholds = new { override_rate = 0.9 } }, 200);
        }, signLast: false);
        var memo = await _f.MemoAsync(submit: false);
        Assert.Contains("has no review", Word(memo.GetProperty("evidence"), "lacks"), StringComparison.Ordinal);
        Assert.Equal("memo.week", Code(memo.GetProperty("bars")[0]));
        Assert.Equal(["override_rate"], memo.GetProperty("changed").EnumerateArray().Select(t => Word(t, "name")));
        memo = await _f.SubmitAsync(memo);
        Assert.Equal("memo.week", Code(await _f.DecideAsync(_f.Sam, memo, "approve", 422, acknowledge: ["override_rate=0.9"])));
        var held = await _f.DecideAsync(_f.Sam, memo, "hold", words: "A week is missing: come back with all four.");
        Assert.Equal("held", Word(held, "state"));
        Assert.Equal("the sponsor holds the last memo", Word(await _f.CriterionAsync(), "evidence"));
        Assert.Equal("gate.unmet", Code(await PostAsync(_f.Sam, _f.Path + "/gates/D/pass", new { reason = "All the same" }, 422)));

        await _f.SignWeekAsync();
        await _f.WeeksAsync(1);
        memo = await PostAsync(_f.Owner, _f.Memos, null, 201);   // it follows the one that was held
        Assert.Equal(Ask, memo.GetProperty("sections").EnumerateArray().First(s => Word(s, "key") == "ask").GetProperty("text").GetString());
        Assert.Equal(JsonValueKind.Null, memo.GetProperty("evidence").GetProperty("lacks").ValueKind);
        memo = await _f.SubmitAsync(memo);

        var incident = await _f.HoldAsync();
        var seen = await _f.FindAsync(memo);
        Assert.Equal("memo.hold", Code(seen.GetProperty("bars")[0]));
        Assert.Contains(seen.GetProperty("differences").EnumerateArray(), d => Word(d, "what") == "Hold: A wrong refund reached a customer" && Word(d, "is") == "held");
        var refused = await _f.DecideAsync(_f.Sam, memo, "approve", 422, acknowledge: ["override_rate=0.9"]);
        Assert.Equal("memo.hold", Code(refused));
        Assert.Contains("The risk lead", Word(refused, "detail"), StringComparison.Ordinal);
        await PostAsync(_f.Ron, $"/api/v1/incidents/{incident}/verify", new { words = "The money is back and the rule is mended." });

        var moved = await _f.DecideAsync(_f.Sam, memo, "approve", 422);
        Assert.Equal("memo.threshold_changed", Code(moved));
        Assert.Contains("5 % became 90 %", Word(moved, "detail"), StringComparison.Ordinal);
        // Moved once more while the sponsor reads: what was acknowledged is not what it is now.
        await SendAsync(_f.Admin, HttpMethod.Patch, _f.Path, new { thresholds = new { override_rate = 0.5 } }, 200);
        Assert.Equal("memo.threshold_changed", Code(await _f.DecideAsync(_f.Sam, memo, "approve", 422, acknowledge: ["override_rate=0.9"])));
        var signed = await _f.DecideAsync(_f.Sam, memo, "approve", acknowledge: ["override_rate=0.5"]);
        var known = Assert.Single(signed.GetProperty("signed").GetProperty("acknowledged").EnumerateArray()).GetString();
        Assert.Contains("then 90 % became 50 %", known, StringComparison.Ordinal);
        Assert.Equal("override_rate=0.5", (await LogAsync("memo.signed"))[^1].GetProperty("acknowledged")[0].GetString());
        Assert.True((await _f.CriterionAsync()).GetProperty("met").GetBoolean());
    }

    [Fact]
    public async Task WhoWroteIt_DoesNotDecide_WhileDutiesAreSeparated_AndPeopleAreTold()
    {
        await _f.WeeksAsync(4);
        // The sponsor drafts it herself; her deputy can decide.
        await SendAsync(_f.Admin, HttpMethod.Patch, _f.Path, new { deputies = new { exec_sponsor = "ron@example.com" } }, 200);
        var memo = await PostAsync(_f.Sam, _f.Memos, null, 201);
        foreach (var section in (string[])["ask", "risks", "undo"]) memo = await WithVersionAsync(_f.Sam, HttpMethod.Put, $"{_f.Memos}/{Word(memo, "id")}/sections/{section}", memo, new { text = "Written by the sponsor herself." });
        Assert.Equal("memo.stale", Code(await WithTagAsync(_f.Owner, HttpMethod.Put, $"{_f.Memos}/{Word(memo, "id")}/sections/costs", "\"v1\"", new { text = "Mine" }, 412)));
        await _f.SubmitAsync(memo, 403, _f.Sam);   // a sponsor does not submit: the rollout's owner does
        memo = await _f.SubmitAsync(memo);
        Assert.Equal("memo.own", Code(await _f.DecideAsync(_f.Sam, memo, "decline", 403)));
        Assert.Equal(["ron"], memo.GetProperty("deciders").EnumerateArray().Select(d => Word(d, "name")));

        async Task<List<JsonElement>> ToldAsync(HttpClient who) => [.. (await GetAsync(who, "/api/v1/me/notices")).GetProperty("items").EnumerateArray().Where(n => Word(n, "kind") == "memo")];
        await Until.True(async () => (await ToldAsync(_f.Ron)).Count == 1, "the deputy is asked");
        Assert.Equal(("to_decide", Word(memo, "id"), true), (await ToldAsync(_f.Ron))[0] is var n ? (Word(n, "status"), Word(n, "memo_id"), n.GetProperty("asked").GetBoolean()) : default);
        Assert.Empty(await ToldAsync(_f.Sam));
        await _f.DecideAsync(_f.Ron, memo, "decline", words: "Not in this quarter, whatever the figures say.");
        foreach (var writer in (HttpClient[])[_f.Sam, _f.Owner]) await Until.True(async () => (await ToldAsync(writer)).Count == 1, "who drafted and submitted it hear of the decision");
        Assert.Equal("declined", Word((await ToldAsync(_f.Sam))[0], "status"));
        Assert.NotEqual(JsonValueKind.Null, (await ToldAsync(_f.Ron))[0].GetProperty("read_at").ValueKind);

        // One more, which is withdrawn; nobody outside of the rollout sees any of it.
        var second = await PostAsync(_f.Owner, _f.Memos, null, 201);
        Assert.Equal("memo.incomplete", Code(await _f.SubmitAsync(second, 422)));
        await PostAsync(_f.Sam, $"{_f.Memos}/{Word(second, "id")}/withdraw", new { words = "Not for me to withdraw" }, 403);
        Assert.Equal("withdrawn", Word(await PostAsync(_f.Owner, $"{_f.Memos}/{Word(second, "id")}/withdraw", new { words = "It was begun too early." }), "state"));
        Assert.Equal(["withdrawn", "declined"], (await GetAsync(_f.Owner, _f.Memos)).GetProperty("memos").EnumerateArray().Select(m => Word(m, "state")));
        await GetAsync(_f.Xeno, _f.Memos, 404);
        await GetAsync(_f.Xeno, $"{_f.Memos}/{Word(memo, "id")}", 404);
        await PostAsync(_f.Xeno, _f.Memos, null, 404);

        // Revoked by a person, gate D asks for another memo.
        var third = await _f.DecideAsync(_f.Sam, await _f.MemoAsync(), "approve");
        await ConfirmHoldsAsync();
        await PostAsync(_f.Sam, _f.Path + "/gates/D/pass", new { reason = "The memo is approved" });
        await PostAsync(_f.Sam, _f.Path + "/gates/D/revoke", new { reason = "A wrong refund reached a customer" });
        Assert.Equal("the approval of the last memo was taken back", Word(await _f.CriterionAsync(), "evidence"));
        Assert.False((await _f.FindAsync(third)).GetProperty("counts").GetBoolean());
    }
}
