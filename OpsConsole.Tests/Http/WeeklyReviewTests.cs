using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Data;
using OpsConsole.Features.Audit;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteWeeklyReviewTests() : WeeklyReviewTests(postgres: false)
{
    [Fact]
    public async Task Week_OnPaper_SaysWhatThePageSays()
    {
        var review = await OpenedAsync();
        await PutAsync(Owner, $"{Reviews}/{Word(review, "week")}/sections/overrides", new { text = "Two of three were too high." }, "\"v1\"");
        await SignAsync(Owner, await OnlyAsync(), new { verdict = "keep", words = "The figures are as we agreed.", evidence = new[] { "figure:override_rate" } });
        using var printed = await Printed.OfAsync(await Owner.GetAsync($"{Reviews}/{Word(review, "week")}/review.pdf"));
        var text = string.Join(' ', (await printed.ReadAsync()).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (var words in new[] { "Week " + Word(review, "week"), "Verdict: keep", "The figures are as we agreed.", "Two of three were too high.", "66.7 %", "✗ outside", "Not due", "became executor for *", "by owner" }) Assert.Contains(words, text, StringComparison.Ordinal);
        await GetAsync(Owner, $"{Reviews}/2020-W01/review.pdf", 404);
    }
}

public sealed class PostgresWeeklyReviewTests() : WeeklyReviewTests(postgres: true);

/// <summary>The weekly review: it opens by itself with the week frozen, is written together, and ends signed, with what it says done.</summary>
public abstract class WeeklyReviewTests(bool postgres) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private HttpClient _admin = default!, _owner = default!, _dana = default!;

    protected HttpClient Owner => _owner;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await StartAsync(new HostSettings { Postgres = postgres, Time = _time });
        _spine = await Spine.BuildAsync(_host);
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { rollout_owner = "owner@example.com" } }, 200);
    }

    public async Task DisposeAsync()
    {
        var check = await _host.Services.GetRequiredService<AuditVerifier>().VerifyAsync(null, default);
        Assert.Empty(check.Broken);
        await _host.DisposeAsync();
    }

    protected string Reviews => $"/api/v1/rollouts/{_spine.Rollout}/reviews";

    private async Task<HttpClient> AsAsync(string email)
    {
        var token = await PostAsync(_host.Nobody, "/api/v1/tokens", new { email, password = email == AdminEmail ? AdminPassword : _host.PasswordOf(email), scopes = new[] { "*" }, expires_in_days = 1 }, 201);
        return _host.As(token.GetProperty("token").GetString()!);
    }

    /// <summary>Goes on, with fresh tokens: those of test people last a day.</summary>
    private async Task SkipAsync(TimeSpan by)
    {
        _time.Skip(by);
        (_admin, _owner, _dana) = (await AsAsync(AdminEmail), await AsAsync("owner@example.com"), await AsAsync("dana@example.com"));
    }

    private async Task TurnAsync()
    {
        var hosted = _host.Services.GetServices<IHostedService>().ToList();
        var counting = hosted.OfType<RollupClock>().Single();
        while (await counting.TurnAsync(default)) { }
        Assert.True(await hosted.OfType<ReviewClock>().Single().TurnAsync(default));
    }

    /// <summary>A week with five refunds alone, four of which went well, and three that people decided: one no, one edited, one yes.</summary>
    private async Task WeekAsync()
    {
        for (var i = 0; i < 5; i++)
        {
            var alone = await _spine.RefundAsync(20 + i);
            await PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(alone)}/outcome", new { status = i == 0 ? "failed" : "succeeded", cost = new { usd = "0.02" } });
        }
        foreach (var verdict in new object[] { new { verdict = "reject", reason = "Not due" }, new { verdict = "edit", arguments = new { amount = 150, order = "8812" }, reason = "Too much" }, new { verdict = "approve" } })
            await _spine.DecideAsync(_dana ?? _spine.Dana, await _spine.RefundAsync(420, 202), verdict);
    }

    /// <summary>The review of a week that has just opened by itself.</summary>
    protected async Task<JsonElement> OpenedAsync()
    {
        await WeekAsync();
        await SkipAsync(TimeSpan.FromDays(5));
        await TurnAsync();
        return await OnlyAsync();
    }

    protected async Task<JsonElement> OnlyAsync()
    {
        var series = await GetAsync(_owner, Reviews);
        return await GetAsync(_owner, Reviews + "/" + Assert.Single(series.GetProperty("reviews").EnumerateArray()).GetProperty("week").GetString());
    }

    protected static async Task<JsonElement> PutAsync(HttpClient who, string path, object body, string? tag, int expect = 200, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Put, path) { Content = JsonContent.Create(body) };
        if (tag is not null) request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var response = await who.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expect == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    protected Task<JsonElement> SignAsync(HttpClient who, JsonElement review, object body, int expect = 200)
        => PutAsync(who, $"{Reviews}/{review.GetProperty("week").GetString()}/verdict", body, $"\"v{review.GetProperty("version").GetInt64()}\"", expect, HttpMethod.Post);

    protected static string? Word(JsonElement of, string name) => of.GetProperty(name).GetString();

    [Fact]
    public async Task Evidence_AndVerdict_AlteredInTheDatabase_AreNoticed()
    {
        var review = await OpenedAsync();
        await SignAsync(_owner, review, new { verdict = "keep", words = "The figures are as we agreed.", evidence = new[] { "figure:override_rate" } });
        var verifier = _host.Services.GetRequiredService<AuditVerifier>();
        var intact = await verifier.VerifyAsync(null, default);
        Assert.Equal((0, 1L), (intact.Broken.Count, intact.Rows.Signed));
        foreach (var (column, says) in ((string, string)[])[("evidence", "the evidence of the weekly review"), ("signed", "the verdict of the weekly review")])
        {
            var was = await ReadAsync(column);
            await WriteAsync(column, was.Replace(column == "evidence" ? "2" : "per_", column == "evidence" ? "3" : "per_0", StringComparison.Ordinal));
            Assert.Contains(says, Assert.Single((await verifier.VerifyAsync(null, default)).Broken).Why, StringComparison.Ordinal);
            await WriteAsync(column, was);   // as it was, for the fixture looks as well
        }

        async Task<string> ReadAsync(string column)
        {
            await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
            return await (column == "evidence" ? db.Database.SqlQuery<string>($"SELECT evidence AS \"Value\" FROM weekly_reviews") : db.Database.SqlQuery<string>($"SELECT signed AS \"Value\" FROM weekly_reviews")).SingleAsync();
        }

        Task WriteAsync(string column, string value) => _host.Writer.ChangeAsync<OpsConsole.Core.Shared.Done>(async (scope, ct) =>
        {
            await (column == "evidence" ? scope.Db.Database.ExecuteSqlAsync($"UPDATE weekly_reviews SET evidence = {value}", ct) : scope.Db.Database.ExecuteSqlAsync($"UPDATE weekly_reviews SET signed = {value}", ct));
            return OpsConsole.Core.Shared.Done.Value;
        });
    }

    [Fact]
    public async Task Week_OpensByItself_Frozen_AndLaterCorrectionsAreDifferences()
    {
        await WeekAsync();
        var late = await _spine.RefundAsync(25);   // its outcome comes after the week
        await PostAsync(_host.Admin, "/api/v1/pause", new { reason = "A drill of everybody." });
        await PostAsync(_host.Admin, "/api/v1/resume", new { reason = "The drill is over." });
        await SkipAsync(TimeSpan.FromDays(1));
        await TurnAsync();
        Assert.Empty((await GetAsync(_owner, Reviews)).GetProperty("reviews").EnumerateArray());   // the week is not over
        await SkipAsync(TimeSpan.FromDays(4));   // Monday, 9:05 in UTC: an hour after nine in Berlin, or two
        await TurnAsync();
        await TurnAsync();
        var review = await OnlyAsync();
        var week = review.GetProperty("evidence").GetProperty("week");
        Assert.Equal((9, 5, 2, 3), (week.GetProperty("asked").GetInt32(), week.GetProperty("executed").GetInt32(), week.GetProperty("override").GetProperty("count").GetInt32(), week.GetProperty("override").GetProperty("of").GetInt32()));
        var over = review.GetProperty("evidence").GetProperty("thresholds")[0];
        Assert.Equal(("override_rate", false, false), (Word(over, "name"), over.GetProperty("inside").GetBoolean(), over.GetProperty("agreed").GetBoolean()));
        Assert.Equal(2, review.GetProperty("evidence").GetProperty("overrides").GetArrayLength());
        var changes = review.GetProperty("evidence").GetProperty("changes").EnumerateArray().ToLookup(c => Word(c, "event"), c => Word(c, "words"));
        Assert.NotEmpty(changes["grant.given"]);
        Assert.Equal(["Every agent of every rollout was paused"], changes["everything.paused"]);   // not of this rollout alone, and yet the reason why less was asked
        Assert.Equal(["Every agent of every rollout was resumed"], changes["everything.resumed"]);
        Assert.Equal(DayOfWeek.Friday, DateOnly.Parse(Word(review, "due_on")!, System.Globalization.CultureInfo.InvariantCulture).DayOfWeek);
        Assert.Empty(review.GetProperty("differences").EnumerateArray());

        await PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(late)}/outcome", new { status = "succeeded" });
        await TurnAsync();
        var now = await OnlyAsync();
        Assert.Equal(review.GetProperty("evidence").GetRawText(), now.GetProperty("evidence").GetRawText());
        var executed = now.GetProperty("differences").EnumerateArray().Single(d => Word(d, "what") == "Executed");
        Assert.Equal(("5", "6"), (Word(executed, "was"), Word(executed, "is")));
    }

    [Fact]
    public async Task Review_IsWrittenTogether_SignedByName_AndStaysThen()
    {
        var review = await OpenedAsync();
        var path = $"{Reviews}/{Word(review, "week")}";
        await PutAsync(_owner, path + "/sections/overrides", new { text = "Two of three were too high." }, null, 428);
        var written = await PutAsync(_owner, path + "/sections/overrides", new { text = "Two of three were too high." }, "\"v1\"");
        Assert.Equal("review.stale", Word(await PutAsync(_owner, path + "/sections/next", new { text = "Mine" }, "\"v1\"", 412), "code"));
        Assert.Equal("person.unknown", Word(await PutAsync(_owner, path + "/attendees", new { people = new[] { "nobody@example.com" } }, null, 422), "code"));
        await PutAsync(_owner, path + "/attendees", new { people = new[] { "dana@example.com" } }, null);
        written = await OnlyAsync();
        var body = new { verdict = "keep", words = "The figures are as we agreed.", evidence = new[] { "figure:override_rate" } };
        Assert.Equal(403, (await SignAsync(_admin, written, body, 403)).GetProperty("status").GetInt32());   // an admin is not one of those who answer for it
        Assert.Equal("review.evidence", Word(await SignAsync(_owner, written, new { verdict = "keep", words = "The figures are as we agreed.", evidence = Array.Empty<string>() }, 422), "code"));
        Assert.Equal("review.evidence", Word(await SignAsync(_owner, written, new { verdict = "keep", words = "The figures are as we agreed.", evidence = new[] { "figure:made_up" } }, 422), "code"));
        Assert.Equal("review.words", Word(await SignAsync(_owner, written, new { verdict = "keep", words = "ok", evidence = new[] { "figure:override_rate" } }, 422), "code"));
        Assert.Equal("review.adjust", Word(await SignAsync(_owner, written, new { verdict = "adjust", words = "The figures are not as we agreed.", evidence = new[] { "figure:override_rate" } }, 422), "code"));
        Assert.Equal("review.stale", Word(await SignAsync(_owner, review, body, 412), "code"));   // what was seen is signed, nothing else
        var signed = await SignAsync(_owner, written, body);
        Assert.Equal(("keep", "owner"), (Word(signed.GetProperty("signed"), "verdict"), Word(signed.GetProperty("signed").GetProperty("by"), "name")));
        Assert.Equal(["dana", "owner"], signed.GetProperty("attendees").EnumerateArray().Select(a => Word(a, "name")));
        var steps = await GetAsync(_owner, $"/api/v1/rollouts/{_spine.Rollout}/steps");
        Assert.Contains("keep, signed by owner", steps.GetRawText(), StringComparison.Ordinal);   // step 5 takes it from here
        var cycle = (await GetAsync(_owner, $"/api/v1/rollouts/{_spine.Rollout}/gates")).GetRawText();
        Assert.Contains("was outside its threshold: Override rate", cycle, StringComparison.Ordinal);   // and gate D
        Assert.Equal("review.signed", Word(await SignAsync(_owner, signed, body, 409), "code"));
        Assert.Equal("review.signed", Word(await PutAsync(_owner, path + "/sections/next", new { text = "More" }, "\"v4\"", 409), "code"));
    }

    [Fact]
    public async Task Sections_TakePatches_AsWorksheetsDo_TwoAtOnceStandUntilSomebodyChooses()
    {
        var review = await OpenedAsync();
        var (path, field) = ($"{Reviews}/{Word(review, "week")}", Word(Section(review, "next"), "field")!);
        Task<JsonElement> PatchAsync(HttpClient who, string id, string value, int expect = 200, string? of = null, params string[] over) => PostAsync(who, path + "/patches", new { patches = new[] { new { id, field = of ?? field, over, value } } }, expect);
        await PatchAsync(_owner, "patch-001", "Dana asks the shop. ");
        var again = await PatchAsync(_owner, "patch-001", "Dana asks the shop. ");   // sent twice is one
        Assert.Equal("Dana asks the shop.", Word(Section(again, "next"), "text"));
        Assert.Equal(2, again.GetProperty("version").GetInt64());
        Assert.Equal("field.unknown", Word(await PatchAsync(_owner, "patch-002", "x", 422, "canvas/workflow"), "code"));
        Assert.Equal("field.unknown", Word(await PatchAsync(_owner, "patch-002", "x", 422, "review/ask"), "code"));
        Assert.Equal("over.unknown", Word(await PatchAsync(_owner, "patch-002", "x", 422, null, "patch-000"), "code"));
        Assert.Equal(403, (await PatchAsync(_dana, "patch-002", "x", 403)).GetProperty("status").GetInt32());

        var both = await PatchAsync(_admin, "patch-002", "Lee calls them.");
        Assert.Equal(["Dana asks the shop. ", "Lee calls them."], Section(both, "next").GetProperty("standing").EnumerateArray().Select(t => Word(t, "value")));
        var body = new { verdict = "keep", words = "The figures are as we agreed.", evidence = new[] { "figure:override_rate" } };
        Assert.Equal("review.contested", Word(await SignAsync(_owner, both, body, 422), "code"));
        Assert.Equal("review.stale", Word(await PutAsync(_owner, path + "/sections/next", new { text = "Over what I did not read" }, $"\"v{again.GetProperty("version").GetInt64()}\"", 412), "code"));
        var settled = await PutAsync(_owner, path + "/sections/next", new { text = "Lee calls them." }, $"\"v{both.GetProperty("version").GetInt64()}\"");   // over whatever stands there
        Assert.Equal("Lee calls them.", Word(Section(settled, "next").GetProperty("standing").EnumerateArray().Single(), "value"));

        var history = (await GetAsync(_owner, path + "/sections/next/history")).GetProperty("items").EnumerateArray().Select(p => Word(p, "value"));
        Assert.Equal(["Lee calls them.", "Lee calls them.", "Dana asks the shop. "], history);
        var entries = (await GetAsync(_admin, "/api/v1/audit/entries?event=review.written")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal((3, Word(review, "id")), (entries.Count, Word(entries[0], "object")));
        Assert.Equal(404, (await GetAsync(_owner, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/history?field={Uri.EscapeDataString(field)}", 404)).GetProperty("status").GetInt32());   // it is no worksheet
        await SignAsync(_owner, settled, body);
        Assert.Equal("review.signed", Word(await PatchAsync(_owner, "patch-003", "More", 409), "code"));
        await PatchAsync(_owner, "patch-001", "Dana asks the shop. ");   // it came in time, only its answer did not
    }

    private static JsonElement Section(JsonElement review, string key) => review.GetProperty("sections").EnumerateArray().Single(s => Word(s, "key") == key);

    [Fact]
    public async Task Verdicts_DoWhatTheySay()
    {
        var review = await OpenedAsync();
        var grant = review.GetProperty("lowerable").EnumerateArray().Single();
        Assert.Equal(("executor", "contributor"), (Word(grant, "tier"), Word(grant, "to")));
        var adjusted = await SignAsync(_owner, review, new { verdict = "adjust", adjust = "tier", grant_id = Word(grant, "grant_id"), words = "Too many were wrong to run alone.", evidence = new[] { "figure:override_rate" } });
        Assert.Contains("as contributor since", Word(adjusted.GetProperty("signed"), "effect"), StringComparison.Ordinal);
        Assert.Equal("pending", Spine.Outcome(await _spine.RefundAsync(20, 202)));   // it ran alone before

        await SkipAsync(TimeSpan.FromDays(7));   // an empty week is a week
        await TurnAsync();
        var second = await GetAsync(_owner, Reviews + "/" + Word((await GetAsync(_owner, Reviews)).GetProperty("reviews")[0], "week"));
        var matrix = await SignAsync(_owner, second, new { verdict = "adjust", adjust = "matrix", words = "The limit is to be lower.", evidence = new[] { "figure:cost" } });
        Assert.Contains("still in force", Word(matrix.GetProperty("signed"), "effect"), StringComparison.Ordinal);

        await SkipAsync(TimeSpan.FromDays(7));
        await TurnAsync();
        var third = await GetAsync(_owner, Reviews + "/" + Word((await GetAsync(_owner, Reviews)).GetProperty("reviews")[0], "week"));
        await SignAsync(_owner, third, new { verdict = "stop", words = "Nobody looks after it any more.", evidence = new[] { "figure:autonomy_rate" } });
        Assert.Equal("deny", Spine.Outcome(await _spine.RefundAsync(20)));
        var rollout = await GetAsync(_owner, "/api/v1/rollouts/" + _spine.Rollout);
        Assert.StartsWith("Weekly review ", Word(rollout.GetProperty("paused"), "reason"), StringComparison.Ordinal);
        Assert.Equal(["stop", "adjust", "adjust"], (await GetAsync(_owner, Reviews)).GetProperty("reviews").EnumerateArray().Select(r => Word(r, "verdict")));
    }

    [Fact]
    public async Task Schedule_IsTheRollouts_ByHandOtherwise_AndLateIsReminded()
    {
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { review = new { day = "thursday", at = "15:30", due_days = 1 }, thresholds = new { override_rate = 0.9 } }, 200);
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { review = new { day = "someday", at = "09:00", due_days = 1 } }, 400);
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { review = new { due_days = 2 } }, 400);   // would quietly put the rest back
        await WeekAsync();
        await SkipAsync(TimeSpan.FromDays(5));
        await TurnAsync();
        var series = await GetAsync(_owner, Reviews);
        Assert.Empty(series.GetProperty("reviews").EnumerateArray());
        Assert.Equal(DayOfWeek.Thursday, series.GetProperty("next_opens_at").GetDateTimeOffset().DayOfWeek);
        var running = OpsConsole.Core.Reviews.ReviewSchedule.Name(OpsConsole.Core.Reliability.Periods.Monday(DateOnly.FromDateTime(_time.GetUtcNow().DateTime)));
        Assert.Equal("week.running", Word(await PostAsync(_owner, Reviews, new { week = running }, 422), "code"));
        Assert.Equal(403, (await PostAsync(_dana, Reviews, new { week = running }, 403)).GetProperty("status").GetInt32());
        await SkipAsync(TimeSpan.FromDays(3.5));
        await TurnAsync();
        var review = await OnlyAsync();
        Assert.True(review.GetProperty("evidence").GetProperty("thresholds")[0].GetProperty("inside").GetBoolean());   // as it was agreed
        await SkipAsync(TimeSpan.FromDays(2));
        await TurnAsync();
        await TurnAsync();
        Assert.True((await OnlyAsync()).GetProperty("overdue").GetBoolean());
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        Assert.Equal(1, await db.Audit.CountAsync(a => a.Event == "review.reminded"));
        List<JsonElement> notices = [];
        await Until.True(async () => (notices = [.. (await GetAsync(_owner, "/api/v1/me/notices")).GetProperty("items").EnumerateArray().Where(n => Word(n, "kind") == "review")]).Count == 2, "it is told when it opens and when it is late");
        Assert.All(notices, n => Assert.Equal(("to_sign", Word(review, "id")), (Word(n, "status"), Word(n, "review_id"))));
        Assert.Equal("week.empty", Word(await PostAsync(_owner, Reviews, new { week = OpsConsole.Core.Reviews.ReviewSchedule.Name(DateOnly.FromDateTime(review.GetProperty("start").GetDateTimeOffset().AddHours(12).DateTime).AddDays(-7)) }, 422), "code"));   // nothing was asked before it
    }
}
