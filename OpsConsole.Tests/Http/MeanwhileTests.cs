using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Audit;
using OpsConsole.Features.Decisions;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>What happens to a request between being raised and being let go, over HTTP and on a clock moved by hand: claims, reminders, questions back, votes taken back.</summary>
public sealed class MeanwhileTests : IAsyncLifetime
{
    private const string Matrix = """
    { "rules": [
        { "id": "R", "action": "refund.create", "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT10M" },
        { "id": "H", "action": "held.one", "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT10M", "hold": "PT10S" },
        { "id": "Q", "action": "held.two", "outcome": "approve", "approvers": ["group:leads"], "quorum": 2, "reversible": true, "sla": "PT10M", "hold": "PT10S" },
        { "id": "L", "action": "held.long", "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT1M", "hold": "PT5M" }
      ] }
    """;

    private readonly HandTime _time = new(DateTimeOffset.UtcNow);
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
        _spine = await BuildAsync(_host, Matrix);
    }

    public async Task DisposeAsync()
    {
        // Whatever happened here, the rows say what the log says.
        var check = await _host.Services.GetRequiredService<AuditVerifier>().VerifyAsync(null, default);
        Assert.Empty(check.Broken);
        await _host.DisposeAsync();
    }

    private Task<JsonElement> AskAsync(string action) => _spine.AskAsync(new { action, arguments = new { nonce = Guid.NewGuid().ToString("N") } }, 202);
    private static string Apr(JsonElement asked) => asked.GetProperty("approval").GetProperty("id").GetString()!;
    private static string Path(JsonElement asked, string more = "") => $"/api/v1/approvals/{Apr(asked)}{more}";
    private Task<JsonElement> ViewAsync(JsonElement asked) => ConsoleHost.GetAsync(_spine.Dana, Path(asked));
    private static Task<JsonElement> PostAsync(HttpClient who, JsonElement asked, string what, object? body = null, int expect = 200) => ConsoleHost.PostAsync(who, Path(asked, what), body, expect);
    private static string? Word(JsonElement view, string name) => view.GetProperty(name).GetString();

    private async Task<List<string>> LogAsync(JsonElement asked)
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<Data.OpsDbContext>>().CreateDbContextAsync();
        var apr = Apr(asked);
        return await db.Audit.AsNoTracking().Where(a => a.Object == apr).OrderBy(a => a.Seq).Select(a => a.Event).ToListAsync();
    }

    /// <summary>Moves the clock, and looks until the console has done what is due: it looks again every half minute of that clock.</summary>
    private async Task PassUntilAsync(TimeSpan by, Func<Task<bool>> done, string what)
    {
        _time.Advance(by);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await done())
        {
            if (limit.IsCancellationRequested) throw new TimeoutException("Never came: " + what);
            await Task.Delay(10);
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }
    }

    private Task LoggedAsync(TimeSpan by, JsonElement asked, string evt, int times = 1) => PassUntilAsync(by, async () => (await LogAsync(asked)).Count(e => e == evt) >= times, evt);

    [Fact]
    public async Task Claim_IsSeen_RefusedToOthers_TakenOver_AndLeft()
    {
        var asked = await AskAsync("refund.create");
        var mine = await PostAsync(_spine.Dana, asked, "/claim");
        Assert.Equal(("dana", 5d), (Word(mine.GetProperty("claim"), "name"), (mine.GetProperty("claim").GetProperty("until").GetDateTimeOffset() - mine.GetProperty("claim").GetProperty("at").GetDateTimeOffset()).TotalMinutes));
        var refused = await PostAsync(_spine.Lee, asked, "/claim", new { }, 409);
        Assert.Equal(("approval.claimed", "dana"), (Word(refused, "code"), Word(refused.GetProperty("claim"), "name")));
        Assert.Equal("approval.not_decider", Word(await PostAsync(_spine.Owner, asked, "/claim", null, 403), "code"));
        Assert.Equal("lee", Word((await PostAsync(_spine.Lee, asked, "/claim", new { take_over = true })).GetProperty("claim"), "name"));
        await ConsoleHost.SendAsync(_spine.Dana, HttpMethod.Delete, Path(asked, "/claim"), null, 200);   // holds nothing, lets nothing go
        Assert.Equal("lee", Word((await ViewAsync(asked)).GetProperty("claim"), "name"));
        await ConsoleHost.SendAsync(_spine.Lee, HttpMethod.Delete, Path(asked, "/claim"), null, 200);
        Assert.Equal(JsonValueKind.Null, (await ViewAsync(asked)).GetProperty("claim").ValueKind);
        Assert.Equal(["approval.claimed", "approval.claimed", "approval.claim_ended"], await LogAsync(asked));
        await PostAsync(_spine.Lee, asked, "/claim");
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });   // soft: the plain decision wins
        Assert.Equal("allow", Outcome(await _spine.GetAsync(asked)));
        Assert.Equal("approval.decided", Word(await PostAsync(_spine.Lee, asked, "/claim", null, 409), "code"));
        Assert.Equal("field.unknown", Word(await PostAsync(_spine.Lee, asked, "/claim", new { force = true }, 400), "code"));
    }

    [Fact]
    public async Task Reminders_ComeTwice_StopWhileClaimed_AndWhatWasMissedComesOnceWhenItEnds()
    {
        var (plain, claimed) = (await AskAsync("refund.create"), await AskAsync("refund.create"));
        _time.Advance(TimeSpan.FromMinutes(4));
        await PostAsync(_spine.Dana, claimed, "/claim");
        await LoggedAsync(TimeSpan.FromMinutes(1), plain, "approval.reminded");
        Assert.NotEqual(JsonValueKind.Null, (await ViewAsync(plain)).GetProperty("reminded_at").ValueKind);
        await LoggedAsync(TimeSpan.FromMinutes(3), plain, "approval.reminded", 2);
        Assert.DoesNotContain("approval.reminded", await LogAsync(claimed));   // both moments have passed
        await LoggedAsync(TimeSpan.FromMinutes(1), claimed, "approval.reminded");
        Assert.Equal(["approval.claimed", "approval.claim_ended", "approval.reminded"], await LogAsync(claimed));
        await PassUntilAsync(TimeSpan.FromMinutes(1), async () => Outcome(await _spine.GetAsync(claimed)) == "deny", "expiry");
        Assert.Equal(["approval.claimed", "approval.claim_ended", "approval.reminded", "approval.expired"], await LogAsync(claimed));
        Assert.Equal(["approval.reminded", "approval.reminded", "approval.expired"], await LogAsync(plain));
    }

    [Fact]
    public async Task Claim_ByTwoAtOnce_IsOnes()
    {
        for (var i = 0; i < 5; i++)
        {
            var asked = await AskAsync("refund.create");
            var answers = await Task.WhenAll(_spine.Dana.PostAsync(Path(asked, "/claim"), null), _spine.Lee.PostAsync(Path(asked, "/claim"), null));
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        }
    }

    [Fact]
    public async Task Claim_Renewed_GoesOnWithoutAnEntry()
    {
        var asked = await AskAsync("refund.create");
        await PostAsync(_spine.Dana, asked, "/claim");
        for (var minute = 0; minute < 8; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await PostAsync(_spine.Dana, asked, "/claim");
        }
        Assert.Equal(["approval.claimed"], await LogAsync(asked));   // eight minutes, one claim, no reminder
    }

    [Fact]
    public async Task AskBack_EndsTheAgentsWait_IsAnsweredOnce_AndTheClockSaysWhoseTurnItIs()
    {
        var asked = await AskAsync("refund.create");
        using var stream = await EventReader.OpenAsync(_spine.Agent);
        var waiting = _spine.WaitAsync(asked, 60);
        var question = new { verdict = "ask", reason = "Which order?" };
        var view = await _spine.DecideAsync(_spine.Dana, asked, question);
        Assert.Equal(("pending", "agent", asked.GetProperty("approval").GetProperty("expires_at").GetDateTimeOffset()), (Word(view, "status"), Word(view, "turn"), view.GetProperty("expires_at").GetDateTimeOffset()));
        var told = await waiting.WaitAsync(TimeSpan.FromSeconds(20));   // the clock stands: only the question can have ended it
        Assert.Equal(("pending", "agent"), (Outcome(told), Word(told.GetProperty("approval"), "turn")));
        var open = told.GetProperty("approval").GetProperty("question");
        Assert.Equal(("Which order?", "dana"), (Word(open, "text"), Word(open, "asked_by")));
        var heard = stream.TakeAsync(1);
        await PassUntilAsync(TimeSpan.Zero, () => Task.FromResult(heard.IsCompleted), "the event");
        Assert.Equal("approval.asked_back", (await heard)[0].Event);

        await _spine.DecideAsync(_spine.Dana, asked, question);   // a retry
        Assert.Equal("approval.question_open", Word(await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "ask", reason = "And why?" }, 409), "code"));
        var answer = new { question = Word(open, "id"), answer = "Order 8812 <b>now</b>" };
        var path = $"/api/v1/decisions/{Id(asked)}/answer";
        var now = await ConsoleHost.PostAsync(_spine.Agent, path, answer);
        Assert.Equal(("approvers", false), (Word(now.GetProperty("approval"), "turn"), now.GetProperty("approval").TryGetProperty("question", out _)));
        await ConsoleHost.PostAsync(_spine.Agent, path, answer);
        Assert.Equal("question.answered", Word(await ConsoleHost.PostAsync(_spine.Agent, path, new { answer.question, answer = "No" }, 409), "code"));
        Assert.Equal(404, (int)(await _spine.Agent.PostAsync(path, new StringContent("""{"question":"qst_nothing","answer":"x"}""", System.Text.Encoding.UTF8, "application/json"))).StatusCode);
        var said = (await ViewAsync(asked)).GetProperty("questions")[0];
        Assert.Equal(("Order 8812 <b>now</b>", "Agent"), (Word(said, "answer"), Word(said, "answered_by")));
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "ask", reason = "And why?" });   // a second round
        Assert.Equal("allow", Outcome(await AllowedAsync(asked)));   // deciding without the answer is allowed
        Assert.Equal("approval.decided", Word(await ConsoleHost.PostAsync(_spine.Agent, path, new { question = (await ViewAsync(asked)).GetProperty("questions")[1].GetProperty("id").GetString(), answer = "late" }, 409), "code"));
    }

    private async Task<JsonElement> AllowedAsync(JsonElement asked)
    {
        await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" });
        return await _spine.GetAsync(asked);
    }

    [Fact]
    public async Task AskBack_ToTheOwner_IsTheOwnersToAnswer_AndStopsReminders()
    {
        var asked = await AskAsync("refund.create");
        Assert.Equal("to", Word(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "ask", reason = "Why?", to = "everybody" }, 400), "field"));
        Assert.Equal("reason", Word(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "ask" }, 400), "field"));
        Assert.Equal("reason", Word(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "ask", reason = new string('x', 2_001) }, 400), "field"));
        var view = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "ask", reason = "Why?", to = "owner" });
        var id = Word(view.GetProperty("questions")[0], "id");
        Assert.Equal("owner", Word(view, "turn"));
        Assert.False((await _spine.GetAsync(asked)).GetProperty("approval").TryGetProperty("question", out _));   // it is none of the agent's
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/answer", new { question = id, answer = "I say so" }, 404);
        Assert.Equal("question.not_yours", Word(await PostAsync(_spine.Lee, asked, "/answer", new { question = id, answer = "x" }, 403), "code"));
        _time.Advance(TimeSpan.FromMinutes(6));
        var answered = await PostAsync(_spine.Owner, asked, "/answer", new { question = id, answer = "Charged twice" });
        Assert.Equal(("approvers", "owner"), (Word(answered, "turn"), Word(answered.GetProperty("questions")[0], "answered_by")));
        await LoggedAsync(TimeSpan.Zero, asked, "approval.reminded");
        Assert.Equal(["approval.asked_back", "approval.answered", "approval.reminded"], await LogAsync(asked));
        var story = (await _host.Services.GetRequiredService<DecisionStory>().TellAsync(new PersonCaller(_host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail], null, "session"), Id(asked), default)).Value;
        Assert.Equal([("dana asked the agent's owner back", "Why?"), ("owner answered", "Charged twice")], story.Steps.Where(s => s.Said is not null).Select(s => (s.Title, s.Said!)));
    }

    [Fact]
    public async Task TakeBack_WhileHeld_WaitsAgain_AndAfterTheReleaseItIsTooLate()
    {
        var asked = await AskAsync("held.one");
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        Assert.Equal("pending", Outcome(await _spine.GetAsync(asked)));
        Assert.Equal("approval.not_yours", Word(await PostAsync(_spine.Lee, asked, "/take_back", null, 403), "code"));
        var back = await PostAsync(_spine.Dana, asked, "/take_back", new { reason = "wrong order" });
        Assert.Equal(("pending", false), (Word(back, "status"), back.GetProperty("votes")[0].GetProperty("counts").GetBoolean()));
        Assert.NotEqual(JsonValueKind.Null, back.GetProperty("votes")[0].GetProperty("withdrawn_at").ValueKind);
        Assert.Equal(asked.GetProperty("approval").GetProperty("expires_at").GetDateTimeOffset(), back.GetProperty("expires_at").GetDateTimeOffset());
        await PostAsync(_spine.Dana, asked, "/take_back");   // once more is success
        _time.Advance(TimeSpan.FromSeconds(30));   // the hold that was: nothing may be let go by it
        Assert.Equal("pending", Outcome(await _spine.GetAsync(asked)));
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        await PassUntilAsync(TimeSpan.FromSeconds(10), async () => Outcome(await _spine.GetAsync(asked)) == "allow", "release");
        Assert.Equal("approval.released", Word(await PostAsync(_spine.Dana, asked, "/take_back", null, 409), "code"));
        Assert.Equal(["approval.voted", "approval.taken_back", "approval.voted"], await LogAsync(asked));
        var plain = await AskAsync("refund.create");
        await _spine.DecideAsync(_spine.Dana, plain, new { verdict = "approve" });
        var late = await PostAsync(_spine.Dana, plain, "/take_back", null, 409);   // no hold: let go at once
        Assert.Equal("approval.released", Word(late, "code"));
        Assert.StartsWith("The agent was allowed to act already", Word(late, "detail"));
    }

    [Fact]
    public async Task TakeBack_ByOneOfTwo_LeavesTheOthersYes()
    {
        var asked = await AskAsync("held.two");
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" });
        var back = await PostAsync(_spine.Dana, asked, "/take_back");
        Assert.Equal([false, true], back.GetProperty("votes").EnumerateArray().Select(v => v.GetProperty("counts").GetBoolean()));
        Assert.Equal("approved", Word(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" }), "status"));
    }

    [Fact]
    public async Task TakeBack_WhenItsTimeHasRunOut_ExpiresAtOnce()
    {
        var asked = await AskAsync("held.long");
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("expired", Word(await PostAsync(_spine.Dana, asked, "/take_back"), "status"));
        var told = await _spine.GetAsync(asked);
        Assert.Equal(("deny", "approval.expired"), (Outcome(told), Code(told)));
    }

    [Fact]
    public async Task TakeBack_WhenNobodyMayDecideAnyMore_EscalatesAtOnce()
    {
        var asked = await AskAsync("held.one");
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + _host.Writer.State.Directory.ByEmail["lee@example.com"].Id, new { disabled = true }, 200);
        await ConsoleHost.PostAsync(_spine.Dana, "/api/v1/me/absences", new { from = _time.GetUtcNow().AddHours(-1), until = _time.GetUtcNow().AddDays(1) }, 201);
        var back = await PostAsync(_spine.Dana, asked, "/take_back", new { reason = "wrong order, and I am off" });
        Assert.Equal(("pending", true), (Word(back, "status"), back.GetProperty("escalated").GetBoolean()));
        Assert.Contains("approval.nobody_eligible", (await _spine.GetAsync(asked)).GetProperty("reasons").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TakeBack_AgainstTheRelease_OneOfThemWins()
    {
        for (var i = 0; i < 5; i++)
        {
            var asked = await AskAsync("held.one");
            await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
            _time.Advance(TimeSpan.FromSeconds(10).Add(TimeSpan.FromMilliseconds(i * 3)));
            using var response = await _spine.Dana.PostAsync(Path(asked, "/take_back"), null);
            var won = response.StatusCode == HttpStatusCode.OK;
            if (!won) Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
            await PassUntilAsync(TimeSpan.FromSeconds(1), async () => Outcome(await _spine.GetAsync(asked)) == (won ? "pending" : "allow"), "the end of the race");
        }
    }
}
