using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Session;
using OpsConsole.Features.Workshop.Session;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>A facilitated session over HTTP: who may do what, and what nobody may read.</summary>
public sealed class WorkshopSessionTests : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
        _spine = await Spine.BuildAsync(_host, gates: "");
        foreach (var email in (string[])["owner@example.com", "lee@example.com"]) await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email, roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/session";

    private Task<JsonElement> OpenAsync() => PostAsync(_host.Admin, Path, new { }, 201);
    private Task<JsonElement> DoAsync(HttpClient who, string what, object body, int expect = 200) => PostAsync(who, Path + what, body, expect);
    private static string Code(JsonElement fault) => fault.GetProperty("code").GetString()!;

    [Fact]
    public async Task Open_OncePerRollout_ByWhoMay()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        await PostAsync(_spine.Owner, Path, new { }, 403);
        await PostAsync(stranger, Path, new { }, 404);
        await PostAsync(_host.Nobody, Path, new { }, 401);
        await GetAsync(_host.Admin, Path, 404);
        var session = await OpenAsync();
        Assert.Matches("^[2-9A-HJ-NP-Z]{6}$", session.GetProperty("code").GetString());
        Assert.Equal(7, session.GetProperty("agenda").GetArrayLength());
        Assert.Equal("session.open", Code(await PostAsync(_host.Admin, Path, new { }, 409)));
        await DoAsync(_host.Admin, "/end", new { });
        var short_ = await PostAsync(_host.Admin, Path, new { minutes = new[] { 1, 2, 3, 4, 5, 6, 7 } }, 201);
        Assert.Equal([60, 120, 180, 240, 300, 360, 420], short_.GetProperty("agenda").EnumerateArray().Select(a => a.GetProperty("box_seconds").GetInt32()));
    }

    [Fact]
    public async Task EveryChange_TriedAsTheWrongPerson()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        await OpenAsync();
        (string, object)[] steering =
        [
            ("/item", new { item = 1 }), ("/clock", new { running = true }), ("/box", new { item = 0, minutes = 9 }), ("/gather", new { path = "/rollouts/" + _spine.Rollout }), ("/hand-over", new { to = "lee@example.com" }),
            ("/vote/reveal", new { step = 1 }), ("/vote/again", new { step = 1 }), ("/round", new { question = "What?" }), ("/round/reveal", new { }), ("/end", new { }),
        ];
        (string, object)[] taking = [("/ready", new { ready = true }), ("/vote", new { step = 1, confidence = 3 }), ("/round/text", new { text = "x" }), ("/take-back", new { })];
        foreach (var (what, body) in steering)
        {
            var refused = await DoAsync(_spine.Lee, what, body, 403);
            Assert.Equal("session.not_facilitator", Code(refused));
            Assert.Contains("leads this session", refused.GetProperty("detail").GetString());
        }
        foreach (var (what, body) in steering.Concat(taking))
        {
            await DoAsync(_spine.Dana, what, body, 403);   // sees the rollout as an approver, and is no member
            await DoAsync(stranger, what, body, 404);
            await DoAsync(_host.Nobody, what, body, 401);
            await DoAsync(_spine.Agent, what, body, 403);
        }
        await DoAsync(_spine.Lee, "/take-back", new { }, 403);
        await GetAsync(_spine.Dana, Path);
        foreach (var read in (string[])["", "/closing", "s"])
        {
            await GetAsync(stranger, Path + read, 404);
            await GetAsync(_host.Nobody, Path + read, 401);
        }
        Assert.Equal(0, (await GetAsync(_host.Admin, Path)).GetProperty("ready").GetArrayLength());
    }

    [Fact]
    public async Task Votes_NobodySeesThem_BeforeTheyAreRevealed_NorWhoseTheyWereAfter()
    {
        await OpenAsync();
        await DoAsync(_spine.Lee, "/vote", new { step = 1, confidence = 2 });
        await DoAsync(_spine.Owner, "/vote", new { step = 1, confidence = 3 });
        await DoAsync(_spine.Owner, "/vote", new { step = 1, confidence = 4 });
        Assert.Equal("vote.too_few", Code(await DoAsync(_host.Admin, "/vote/reveal", new { step = 1 }, 422)));
        var hidden = (await GetAsync(_host.Admin, Path)).GetProperty("votes")[0];
        Assert.Equal("""{"step":1,"cast":2,"revealed":false,"counts":null,"mine":null}""", hidden.GetRawText());
        Assert.Equal(2, (await GetAsync(_spine.Lee, Path)).GetProperty("votes")[0].GetProperty("mine").GetInt32());
        await DoAsync(_host.Admin, "/vote", new { step = 1, confidence = 4 });
        await DoAsync(_host.Admin, "/vote/reveal", new { step = 1 });
        var revealed = (await GetAsync(_spine.Lee, Path)).GetProperty("votes")[0];
        Assert.Equal("""{"step":1,"cast":3,"revealed":true,"counts":[0,1,0,2,0],"mine":null}""", revealed.GetRawText());
        Assert.Equal("vote.revealed", Code(await DoAsync(_spine.Lee, "/vote", new { step = 1, confidence = 1 }, 409)));
        var entries = (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=session.voted")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(3, entries.Count);
        Assert.All(entries, e => Assert.DoesNotContain("confidence", e.GetRawText()));
        await DoAsync(_host.Admin, "/vote/again", new { step = 1 });
        await DoAsync(_spine.Lee, "/vote", new { step = 1, confidence = 5 });
    }

    [Fact]
    public async Task PrivateWriting_OthersReadIt_OnlyOnceItIsRevealed()
    {
        await OpenAsync();
        await DoAsync(_host.Admin, "/round", new { question = "What would go wrong first?" });
        await DoAsync(_spine.Lee, "/round/text", new { text = "the wrong customer" });
        await DoAsync(_spine.Owner, "/round/text", new { text = "a typo" });
        Assert.Equal("round.open", Code(await DoAsync(_host.Admin, "/round", new { question = "And then?" }, 409)));
        foreach (var client in new[] { _host.Admin, _spine.Dana, _spine.Owner })
        {
            var seen = (await GetAsync(client, Path)).GetRawText();
            Assert.DoesNotContain("wrong customer", seen);
            Assert.Contains("\"written\":2", seen);
        }
        Assert.Equal("the wrong customer", (await GetAsync(_spine.Lee, Path)).GetProperty("round").GetProperty("mine").GetString());
        Assert.DoesNotContain("wrong customer", (await GetAsync(_host.Admin, "/api/v1/audit/entries")).GetRawText());
        await DoAsync(_host.Admin, "/round/reveal", new { });
        var texts = (await GetAsync(_spine.Dana, Path)).GetProperty("round").GetProperty("texts").EnumerateArray().Select(t => (t.GetProperty("name").GetString(), t.GetProperty("text").GetString()));
        Assert.Equal([("lee", "the wrong customer"), ("owner", "a typo")], texts);
        Assert.Equal("round.closed", Code(await DoAsync(_spine.Lee, "/round/text", new { text = "too late" }, 409)));
        var session = (await GetAsync(_spine.Lee, Path)).GetProperty("id").GetString()!;
        var next = await DoAsync(_host.Admin, "/round", new { question = "And then?" });
        Assert.Equal("What would go wrong first?", next.GetProperty("rounds")[0].GetProperty("question").GetString());

        // A text for the first question that comes this late is no answer to the second.
        Assert.Equal("round.closed", (await Desk.WriteAsync(Lee, _spine.Rollout, "late", (session, 0))).Fault!.Code);
        Assert.True((await Desk.WriteAsync(Lee, _spine.Rollout, "in time", (session, 1))).Ok);
    }

    [Fact]
    public async Task WhatPagesSend_HasTheLimitsOfTheApi()
    {
        await OpenAsync();
        var ada = Caller(ConsoleHost.AdminEmail);
        foreach (var question in (string?[])[null, " ", new('x', QuestionRequest.MostCharacters + 1), "two\nlines", "nu\0l"]) Assert.Equal("question", (await Desk.AskAsync(ada, _spine.Rollout, question!)).Fault!.Field);
        Assert.True((await Desk.AskAsync(ada, _spine.Rollout, "What would go wrong first?")).Ok);
        foreach (var text in (string?[])[null, new('x', WriteRequest.MostCharacters + 1), "nu\0l", "bell\a"]) Assert.Equal("text", (await Desk.WriteAsync(Lee, _spine.Rollout, text!)).Fault!.Field);
        var written = await Desk.WriteAsync(Lee, _spine.Rollout, "two\n\tlines");
        Assert.Equal("two\n\tlines", written.Value.Round!.Mine);
    }

    private SessionDesk Desk => _host.Services.GetRequiredService<SessionDesk>();
    private PersonCaller Lee => Caller("lee@example.com");
    private PersonCaller Caller(string email) => new(_host.Writer.State.Directory.ByEmail[email], null, "session");

    [Fact]
    public async Task Clock_IsTheServers_AndGoesAlongWithTheItem()
    {
        await OpenAsync();
        await DoAsync(_host.Admin, "/clock", new { running = true });
        _time.Skip(TimeSpan.FromMinutes(20));
        await DoAsync(_spine.Lee, "/ready", new { ready = true });
        var moved = await DoAsync(_host.Admin, "/item", new { item = 1 });
        Assert.Equal(0, moved.GetProperty("ready").GetArrayLength());
        Assert.InRange(moved.GetProperty("agenda")[0].GetProperty("taken_seconds").GetDouble(), 1200, 1260);
        Assert.Equal(JsonValueKind.String, moved.GetProperty("agenda")[1].GetProperty("running_since").ValueKind);
        await DoAsync(_host.Admin, "/box", new { item = 1, minutes = 40 });
        var boxed = await GetAsync(_spine.Lee, Path);
        Assert.Equal((1, 2400), (boxed.GetProperty("at").GetInt32(), boxed.GetProperty("agenda")[1].GetProperty("box_seconds").GetInt32()));
    }

    [Fact]
    public async Task TheLead_IsHandedOver_AndTakenBack()
    {
        await OpenAsync();
        Assert.Equal("person.not_member", Code(await DoAsync(_host.Admin, "/hand-over", new { to = "dana@example.com" }, 422)));
        await DoAsync(_host.Admin, "/hand-over", new { to = "lee@example.com" });
        await DoAsync(_host.Admin, "/clock", new { running = true }, 403);
        await DoAsync(_spine.Lee, "/clock", new { running = true });
        await DoAsync(_spine.Owner, "/take-back", new { }, 403);
        var back = await DoAsync(_host.Admin, "/take-back", new { });
        Assert.True(back.GetProperty("may").GetProperty("steer").GetBoolean());
        await DoAsync(_spine.Lee, "/clock", new { running = false }, 403);
    }

    [Fact]
    public async Task Gather_OnlyToPagesOfTheRollout_AndCountsUp()
    {
        await OpenAsync();
        foreach (var path in (string[])["/approvals", "https://evil.example", "/rollouts/other", $"/rollouts/{_spine.Rollout}/../other", $"/rollouts/{_spine.Rollout}/%2e%2e/%2e%2e/join/X"]) Assert.Equal("path.outside", Code(await DoAsync(_host.Admin, "/gather", new { path }, 422)));
        var here = $"/rollouts/{_spine.Rollout}/matrix";
        await DoAsync(_host.Admin, "/gather", new { path = here });
        var gathering = (await DoAsync(_host.Admin, "/gather", new { path = here })).GetProperty("gathering");
        Assert.Equal((2, here), (gathering.GetProperty("number").GetInt32(), gathering.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task Join_ByCode_ForWhoSeesTheRollout_GuessedSlowly()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        var code = (await OpenAsync()).GetProperty("code").GetString()!;
        Assert.Equal($"/rollouts/{_spine.Rollout}/session", (await JoinAsync(_spine.Lee, code.ToLowerInvariant().Insert(3, " "), 200)).GetProperty("path").GetString());
        await JoinAsync(_spine.Dana, code, 200);
        await JoinAsync(_host.Nobody, code, 401);
        var refused = await JoinAsync(stranger, code, 403);
        Assert.Contains("ask " + NameOf(ConsoleHost.AdminEmail), refused.GetProperty("detail").GetString());
        Assert.DoesNotContain("Support", refused.GetRawText());
        Assert.DoesNotContain(_spine.Rollout, refused.GetRawText());
        await JoinAsync(stranger, "K7M2Q0", 400);
        for (var i = 1; i < JoinDesk.MostWrong; i++) await JoinAsync(stranger, code == "222222" ? "333333" : "222222", 404);
        await JoinAsync(stranger, code, 429);
        await JoinAsync(_spine.Lee, code, 200);
        _time.Skip(JoinDesk.Window);
        await JoinAsync(stranger, code, 403);

        await DoAsync(_host.Admin, "/end", new { });
        Assert.Equal("session.ended", Code(await JoinAsync(_spine.Lee, code, 409)));
        Assert.Equal("code.unknown", Code(await JoinAsync(stranger, code, 404)));

        static Task<JsonElement> JoinAsync(HttpClient who, string typed, int expect) => PostAsync(who, "/api/v1/join", new { code = typed }, expect);
        string NameOf(string email) => _host.Writer.State.Directory.ByEmail[email].Name;
    }

    [Fact]
    public async Task Join_ManyCodesAtOnce_AreNoWayAround()
    {
        var desk = _host.Services.GetRequiredService<JoinDesk>();
        var joined = await Task.WhenAll(Enumerable.Range(0, 3 * JoinDesk.MostWrong).Select(i => Task.Run(() => desk.JoinAsync(Lee, "22222" + SessionCode.Letters[i], CancellationToken.None))));
        Assert.Equal(JoinDesk.MostWrong, joined.Count(j => j.Fault!.Code == "code.unknown"));
        Assert.Equal(2 * JoinDesk.MostWrong, joined.Count(j => j.Fault!.Code == "code.too_many"));
    }

    [Fact]
    public async Task End_KeepsWhatTheRoomLeftWith_AndNothingMovesAnyMore()
    {
        await PatchAsync("patch-001", "canvas/workflow", "Refunds");
        await PatchAsync("patch-002", "actions/a1/place", "2");
        await PatchAsync("patch-003", "actions/a1/text", "Rehearse the rollback");
        await PatchAsync("patch-004", "actions/a1/who", "user:lee@example.com");
        var id = (await OpenAsync()).GetProperty("id").GetString();
        var before = await GetAsync(_spine.Lee, Path + "/closing");
        Assert.Contains("has no day", before.GetProperty("missing").GetRawText());
        await DoAsync(_host.Admin, "/end", new { });
        await PatchAsync("patch-005", "canvas/workflow", "Something else", "patch-001");
        Assert.Equal("session.none", Code(await DoAsync(_spine.Lee, "/ready", new { ready = true }, 409)));
        await GetAsync(_spine.Lee, Path, 404);
        Assert.Equal(id, (await GetAsync(_spine.Lee, Path + "s")).GetProperty("items")[0].GetProperty("id").GetString());
        var closing = (await GetAsync(_spine.Lee, $"{Path}s/{id}")).GetProperty("closing");
        Assert.Equal(("Refunds", "lee"), (closing.GetProperty("workflow").GetString(), closing.GetProperty("actions")[0].GetProperty("who").GetString()));
        await GetAsync(_spine.Lee, Path + "s/ses_nothing", 404);

        Task PatchAsync(string patch, string field, string value, params string[] over) => PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches", new { patches = new[] { new { id = patch, field, over, value } } });
    }

    [Fact]
    public async Task ManyAtOnce_NothingIsLost()
    {
        await OpenAsync();
        await Task.WhenAll(new[] { _host.Admin, _spine.Lee, _spine.Owner }.SelectMany((c, i) => new[] { DoAsync(c, "/ready", new { ready = true }), DoAsync(c, "/vote", new { step = 2, confidence = i + 1 }), DoAsync(c, "/vote", new { step = 1, confidence = i + 1 }) }));
        var all = await GetAsync(_host.Admin, Path);
        Assert.Equal((3, 3, 3), (all.GetProperty("ready").GetArrayLength(), all.GetProperty("votes")[0].GetProperty("cast").GetInt32(), all.GetProperty("votes")[1].GetProperty("cast").GetInt32()));
    }
}
