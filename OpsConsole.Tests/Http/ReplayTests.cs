using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The draft against recorded decisions, over HTTP.</summary>
public sealed class ReplayTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:Limits:CallsPerSecond"] = "1000000" } });   // it asks again and again whether a replay is done
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/matrix/simulation";

    private async Task<JsonElement> RunAsync(object body, HttpClient? by = null)
    {
        using var response = await (by ?? _host.Admin).PostAsJsonAsync(Path, body);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var started = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"{Path}/{started.GetProperty("id").GetString()}", response.Headers.Location!.ToString());
        JsonElement now;
        do now = await GetAsync(by ?? _host.Admin, response.Headers.Location.ToString());
        while (now.GetProperty("status").GetString() == "running");
        return now;
    }

    [Fact]
    public async Task Simulation_OfALooserMatrix_SaysWhatChangesAndWhatPeopleSaidThen()
    {
        await _spine.RefundAsync(10);
        await _spine.RefundAsync(5_000);
        await _spine.RefundAsync(300, 202);
        var rejected = await _spine.RefundAsync(420, 202);
        await _spine.DecideAsync(_spine.Dana, rejected, new { verdict = "reject", reason = "no" });
        var looser = JsonElement.Parse(Spine.Matrix.Replace("\"value\": 200 }", "\"value\": 500 }", StringComparison.Ordinal));
        var done = await RunAsync(new { from = DateTimeOffset.UtcNow.AddDays(-7), to = DateTimeOffset.UtcNow.AddDays(1), matrix = looser });
        Assert.Equal(("done", 4, 4), (done.GetProperty("status").GetString(), done.GetProperty("read").GetInt32(), done.GetProperty("total").GetInt32()));
        var answers = done.GetProperty("result").GetProperty("answers");
        Assert.Equal((4, 2, 2, 0), (answers.GetProperty("compared").GetInt32(), answers.GetProperty("changed").GetInt32(), answers.GetProperty("saved").GetInt32(), answers.GetProperty("added").GetInt32()));
        var strangest = done.GetProperty("result").GetProperty("strangest");
        Assert.Equal((Spine.Id(rejected), "pending", "allow", "R-3", "R-4", "rejected"), (Text("id"), Text("was"), Text("now"), Text("was_rule"), Text("now_rule"), Text("approval")));
        Assert.Equal("Under R-3 a person was asked. It was rejected. Under the draft's R-4 it runs alone.", Text("why"));

        // The stored draft is what is in force: nothing changes, and the approved and the rejected still count as asked.
        var same = await RunAsync(new { from = DateTimeOffset.UtcNow.AddDays(-7) });
        Assert.Equal((4, 0), (same.GetProperty("result").GetProperty("answers").GetProperty("compared").GetInt32(), same.GetProperty("result").GetProperty("answers").GetProperty("changed").GetInt32()));
        Assert.True(same.GetProperty("draft_version").GetInt64() > 0);
        var list = (await GetAsync(_host.Admin, Path)).GetProperty("items");
        Assert.Equal((2, same.GetProperty("id").GetString()), (list.GetArrayLength(), list[0].GetProperty("id").GetString()));

        // Who read which part of the record, against what.
        var entries = (await GetAsync(_host.Admin, $"/api/v1/audit/entries?event=replay.started&object={_spine.Rollout}")).GetProperty("items");
        Assert.Equal(2, entries.GetArrayLength());
        var (stored, sent) = (Details(entries[0]), Details(entries[1]));
        Assert.Equal((same.GetProperty("id").GetString(), same.GetProperty("draft_version").GetInt64(), same.GetProperty("from").GetDateTimeOffset()), (stored.GetProperty("simulation").GetString(), stored.GetProperty("draft").GetInt64(), stored.GetProperty("from").GetDateTimeOffset()));
        Assert.False(sent.TryGetProperty("draft", out _));
        Assert.NotEqual(stored.GetProperty("sha256").GetString(), sent.GetProperty("sha256").GetString());

        static JsonElement Details(JsonElement entry) => JsonElement.Parse(entry.GetProperty("leaf").GetString()!).GetProperty("details");
        string? Text(string name) => strangest[0].GetProperty(name).GetString();
    }

    [Theory]
    [InlineData("""{}""", "from")]
    [InlineData("""{"from":"2999-01-01T00:00:00Z"}""", "from")]
    [InlineData("""{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}""", "to")]
    [InlineData("""{"from":"yesterday"}""", "from")]
    [InlineData("""{"from":"2026-01-02T00:00:00Z","matrix":{"rules":[{"id":"R"}]}}""", "matrix.rules[0].action")]
    [InlineData("""{"from":"2026-01-02T00:00:00Z","matrix":5}""", "matrix")]
    [InlineData("""{"from":"2026-01-02T00:00:00Z","until":1}""", "until")]
    public async Task Start_WhatIsWrong_NamesTheField(string body, string field)
    {
        var problem = await SendAsync(_host.Admin, HttpMethod.Post, Path, JsonElement.Parse(body), 400);
        Assert.Equal(field, problem.GetProperty("field").GetString());
        Assert.Equal(0, (await GetAsync(_host.Admin, Path)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Replay_OthersRollout_IsNotThere_AndAMemberStopsOnlyTheirOwn()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        await PostAsync(stranger, Path, new { from = DateTimeOffset.UtcNow.AddDays(-1) }, 404);
        await GetAsync(stranger, Path, 404);
        var admins = await RunAsync(new { from = DateTimeOffset.UtcNow.AddDays(-1) });
        await GetAsync(stranger, $"{Path}/{admins.GetProperty("id").GetString()}", 404);
        // Dana sees the rollout because its matrix names her.
        var danas = await RunAsync(new { from = DateTimeOffset.UtcNow.AddDays(-1) }, _spine.Dana);
        await SendAsync(_spine.Dana, HttpMethod.Delete, $"{Path}/{danas.GetProperty("id").GetString()}", null, 200);
        await SendAsync(_spine.Dana, HttpMethod.Delete, $"{Path}/{admins.GetProperty("id").GetString()}", null, 403);
        await SendAsync(_host.Admin, HttpMethod.Delete, $"{Path}/sim_ghost", null, 404);
    }
}
