using System.Diagnostics;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary><c>GET /api/v1/events</c> over HTTP, on both databases.</summary>
public abstract class EventStreamTests(bool postgres) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres });
        _spine = await Spine.BuildAsync(_host);
    }

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Stream_TellsWhatHappensToADecision_InOrder()
    {
        using var stream = await EventReader.OpenAsync(_spine.Agent);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("utf-8", stream.Response.Content.Headers.ContentType.CharSet);
        Assert.True(stream.Response.Headers.CacheControl!.NoStore);
        Assert.Equal("no", stream.Response.Headers.GetValues("X-Accel-Buffering").Single());
        var began = stream.LastId;
        Assert.True(began > 0);   // a listener without a past hears what comes, not what was

        var asked = await _spine.RefundAsync(420, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve", reason = "charged twice" });
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = "succeeded" });
        var events = await stream.TakeAsync(4);
        Assert.Equal([("decision.asked", "pending"), ("approval.voted", null), ("decision.released", "allow"), ("decision.reported", null)], events.Select(e => (e.Event!, e.Outcome)));
        Assert.All(events, e => Assert.Equal((Spine.Id(asked), e.Event), (e.Decision, e.Data!.Value.GetProperty("event").GetString())));
        Assert.All(events, e => Assert.True(e.Id > began && e.Data!.Value.GetProperty("at").GetDateTimeOffset() > DateTimeOffset.UnixEpoch));
        Assert.Equal(events.Select(e => e.Id).Order().Distinct(), events.Select(e => e.Id));

        var no = await _spine.RefundAsync(430, 202);
        await _spine.DecideAsync(_spine.Lee, no, new { verdict = "reject", reason = "not due" });
        Assert.Equal(("decision.asked", "pending"), await NextAsync(stream));
        Assert.Equal(("approval.voted", "deny"), await NextAsync(stream));
    }

    [Fact]
    public async Task Resumed_AfterAnyEvent_GoesOnWithoutGapOrRepetition()
    {
        using var whole = await EventReader.OpenAsync(_spine.Agent);
        var start = whole.LastId;
        const int askers = 4, each = 15;
        var asking = Enumerable.Range(0, askers).Select(async a =>
        {
            for (var i = 0; i < each; i++) await _spine.AskAsync(new { action = "refund.create", arguments = new { amount = 5, order = $"{a}-{i}" } });
        }).ToArray();

        // Reads a few, hangs up, comes back: while the log grows underneath.
        List<SentEvent> pieces = [];
        var last = start;
        for (var take = 1; pieces.Count < askers * each; take = take % 7 + 1)
        {
            using var part = await EventReader.OpenAsync(_spine.Agent, last);
            Assert.Equal(last, part.LastId);
            pieces.AddRange(await part.TakeAsync(Math.Min(take, askers * each - pieces.Count)));
            last = part.LastId;
        }
        await Task.WhenAll(asking);
        var all = await whole.TakeAsync(askers * each);
        Assert.Equal(all.Select(e => (e.Id, e.Decision, e.Outcome)), pieces.Select(e => (e.Id, e.Decision, e.Outcome)));
        Assert.Equal(askers * each, pieces.Select(e => e.Decision).Distinct().Count());

        foreach (var known in (int[])[0, 30, askers * each - 2])
        {
            using var again = await EventReader.OpenAsync(_spine.Agent, all[known].Id);
            Assert.Equal(all[(known + 1)..].Select(e => e.Id), (await again.TakeAsync(askers * each - known - 1)).Select(e => e.Id));
        }
        using var beyond = await EventReader.OpenAsync(_spine.Agent, long.MaxValue);   // another database's id: begins where the log ends
        Assert.Equal(last, beyond.LastId);
    }

    [Fact]
    public async Task Everybody_HearsOnlyWhatTheyMaySee()
    {
        var other = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Other", purpose = "Something else" }, 201)).GetProperty("id").GetString()!;
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{other}/members", new { email = "stranger@example.com", roles = new[] { "approver" } }, 201);
        using var sibling = await AgentAsync("Sibling", _spine.Rollout);
        using var elsewhere = await AgentAsync("Elsewhere", other);

        using var mine = await EventReader.OpenAsync(_spine.Agent);
        using var siblings = await EventReader.OpenAsync(sibling);
        using var strangers = await EventReader.OpenAsync(stranger);
        using var danas = await EventReader.OpenAsync(_spine.Dana);
        using var admins = await EventReader.OpenAsync(_host.Admin);
        var first = Spine.Id(await _spine.RefundAsync(420, 202));
        var second = Spine.Id(await ConsoleHost.PostAsync(sibling, "/api/v1/decisions", new { action = "order.get" }));
        var third = Spine.Id(await ConsoleHost.PostAsync(elsewhere, "/api/v1/decisions", new { action = "order.get" }));

        Assert.Equal([first, second, third], (await admins.TakeAsync(3)).Select(e => e.Decision));
        Assert.Equal([first, second], (await danas.TakeAsync(2)).Select(e => e.Decision));   // named as an approver by the rollout's matrix
        Assert.Equal(third, (await strangers.TakeAsync(1))[0].Decision);
        Assert.Equal(second, (await siblings.TakeAsync(1))[0].Decision);
        await _spine.RefundAsync(5);
        Assert.Equal(first, (await mine.TakeAsync(1))[0].Decision);
        Assert.NotEqual(second, (await mine.TakeAsync(1))[0].Decision);
    }

    [Fact]
    public async Task WhoIsNotLetIn_AndWrongIds_AreRefused()
    {
        await ConsoleHost.GetAsync(_host.Nobody, "/api/v1/events", 401);
        await ConsoleHost.GetAsync(_host.As("opp_admin_wrongwrongwrongwrongwrongwrongwrongwrongwrong"), "/api/v1/events", 401);
        var people = await ConsoleHost.PostAsync(_host.Nobody, "/api/v1/tokens", new { email = ConsoleHost.AdminEmail, password = ConsoleHost.AdminPassword, scopes = new[] { "people" } }, 201);
        await ConsoleHost.GetAsync(_host.As(people.GetProperty("token").GetString()!), "/api/v1/events", 403);
        foreach (var wrong in (string[])["dec_1", "-1", "1.5", "99999999999999999999"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
            request.Headers.TryAddWithoutValidation("Last-Event-ID", wrong);
            using var response = await _spine.Agent.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(400, (int)response.StatusCode);
            Assert.Contains("Last-Event-ID", await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("key")]
    [InlineData("token")]
    [InlineData("person")]
    [InlineData("agent")]
    public async Task Revoked_EndsTheStream_WithinFiveSeconds(string what)
    {
        var (personId, max) = await _host.PersonAsync("max@example.com", "auditor");
        using var stream = await EventReader.OpenAsync(what is "key" or "agent" ? _spine.Agent : max);
        var watch = Stopwatch.StartNew();
        var id = max.DefaultRequestHeaders.Authorization!.Parameter!.Split('_')[1];
        await (what switch
        {
            "key" => ConsoleHost.SendAsync(_host.Admin, HttpMethod.Delete, $"/api/v1/agents/{_spine.AgentId}/keys/{_spine.Agent.DefaultRequestHeaders.Authorization!.Parameter!.Split('_')[1]}", null, 204),
            "agent" => ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/retire", new { reason = "done" }),
            "token" => ConsoleHost.SendAsync(_host.Admin, HttpMethod.Delete, "/api/v1/tokens/" + id, null, 204),
            _ => ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + personId, new { disabled = true }, 200),
        });
        Assert.Null(await stream.NextAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private async Task<HttpClient> AgentAsync(string name, string rollout)
    {
        var id = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/agents", new { name, rollout_id = rollout, kind = "autonomous", owner = "owner@example.com" }, 201)).GetProperty("id").GetString();
        return _host.As((await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{id}/keys", new { }, 201)).GetProperty("key").GetString()!);
    }

    private static async Task<(string, string?)> NextAsync(EventReader stream)
    {
        var next = (await stream.TakeAsync(1))[0];
        return (next.Event!, next.Outcome);
    }
}

public sealed class EventStreamSqliteTests() : EventStreamTests(postgres: false);

public sealed class EventStreamPostgresTests() : EventStreamTests(postgres: true);

/// <summary>What the stream does by the clock, which the test moves.</summary>
public sealed class EventStreamClockTests : IAsyncLifetime
{
    private readonly HandTime _time = new(DateTimeOffset.UtcNow);
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Quiet_SaysEveryFifteenSecondsThatItIsStillThere()
    {
        // Others look again every half minute; whenever they began, none is due fifteen seconds after a stream opens.
        await Until.True(() => _time.IsDueIn(TimeSpan.FromSeconds(30)), "what looks again every half minute has begun");
        for (var i = 0; i < 2; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            using var stream = await EventReader.OpenAsync(_host.Admin);
            await Until.True(() => _time.IsDueIn(TimeSpan.FromSeconds(15)), "the stream waits");
            var first = stream.NextAsync();
            _time.Advance(TimeSpan.FromSeconds(14.9));
            Assert.False(first.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(0.1));
            Assert.Equal(new SentEvent(null, null, null, null, "still here"), await first);
        }

        // And so on, by however much the clock moves before it waits again.
        using var lasting = await EventReader.OpenAsync(_host.Admin);
        for (var i = 0; i < 3; i++)
        {
            var next = lasting.NextAsync();
            for (var tries = 0; tries < 500 && !next.IsCompleted; tries++)
            {
                _time.Advance(TimeSpan.FromSeconds(1.7));
                await Task.Delay(10);
            }
            Assert.Equal("still here", (await next)?.Comment);
        }
    }

    [Fact]
    public async Task ExpiredToken_EndsTheStreamAtThatTime()
    {
        var made = await ConsoleHost.PostAsync(_host.Nobody, "/api/v1/tokens", new { email = ConsoleHost.AdminEmail, password = ConsoleHost.AdminPassword, scopes = new[] { "decisions" }, expires_in_days = 1 }, 201);
        var left = made.GetProperty("expires_at").GetDateTimeOffset() - _time.GetUtcNow();
        _time.Advance(left - TimeSpan.FromSeconds(4));
        using var stream = await EventReader.OpenAsync(_host.As(made.GetProperty("token").GetString()!));
        await Until.True(() => _time.IsDueIn(TimeSpan.FromSeconds(4)), "the stream waits for the token's end");
        _time.Advance(TimeSpan.FromSeconds(4));
        // It says once more that it is there, unless something else woke it in that moment; either way it ends.
        var last = await stream.NextAsync();
        if (last is not null) Assert.Equal(("still here", null), (last.Comment, await stream.NextAsync()));
    }
}
