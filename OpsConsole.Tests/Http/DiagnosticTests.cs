using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The readiness diagnostic over HTTP.</summary>
public sealed class DiagnosticTests : IAsyncLifetime
{
    private const string Path = "/api/v1/diagnostics";
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<Dictionary<string, string>> AnswersAsync(string letter)
        => (await GetAsync(_host.Admin, Path + "/questions")).GetProperty("questions").EnumerateArray().ToDictionary(q => q.GetProperty("id").GetString()!, _ => letter);

    [Fact]
    public async Task ARun_IsScored_ComparedWithTheOneBefore_AndBeginsARollout()
    {
        var answers = await AnswersAsync("b");
        var first = await PostAsync(_host.Admin, Path, new { subject = "Support", answers }, 201);
        Assert.Equal(50, first.GetProperty("percent").GetInt32());
        Assert.Equal(JsonValueKind.Null, first.TryGetProperty("change", out var none) ? none.ValueKind : JsonValueKind.Null);
        await PostAsync(_host.Admin, Path, new { subject = "Sales", answers }, 201);
        answers["undo"] = "c";
        answers["bounds"] = "a";
        foreach (var (id, text) in new[] { ("pilot-1-name", "Routine mail"), ("pilot-1-often", "c"), ("pilot-1-end", "c"), ("pilot-1-undo", "c"), ("pilot-1-measure", "b"), ("say-bounds", "Bank details\nResellers"), ("say-figure", "Median time\nto answer") }) answers[id] = text;
        var second = await PostAsync(_host.Admin, Path, new { subject = " support ", answers }, 201);
        Assert.Equal(("Routine mail", 3), (second.GetProperty("pilot").GetString(), second.GetProperty("first").GetArrayLength()));
        var change = second.GetProperty("change");
        Assert.Equal((Spine.Id(first), 0), (change.GetProperty("since").GetString(), change.GetProperty("percent").GetInt32()));
        Assert.Equal([("scope", -17), ("recovery", 50)], change.GetProperty("areas").EnumerateArray().Select(a => (a.GetProperty("area").GetString(), a.GetProperty("percent").GetInt32())));

        await PostAsync(_host.Admin, $"{Path}/{Spine.Id(second)}/rollout", new { name = "Mail", time_zone = "Nowhere/City" }, 400);
        var begun = await PostAsync(_host.Admin, $"{Path}/{Spine.Id(second)}/rollout", new { name = "Routine mail", purpose = "Answer sooner" }, 201);
        var sheets = $"/api/v1/rollouts/{Spine.Id(begun)}/worksheets";
        var canvas = (await GetAsync(_host.Admin, sheets + "/canvas")).GetProperty("rows")[0].GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("value").GetString());
        Assert.Equal(("Routine mail", "Bank details\nResellers", "Median time to answer"), (canvas["workflow"], canvas["out_of_bounds"], canvas["output"]));
        Assert.Equal(3, (await GetAsync(_host.Admin, sheets + "/parking")).GetProperty("rows").GetArrayLength());
        Assert.Equal(Spine.Id(begun), (await GetAsync(_host.Admin, $"{Path}/{Spine.Id(second)}")).GetProperty("rollout_id").GetString());
    }

    [Fact]
    public async Task ARun_ShowsToWhoeverMadeItAndToThoseWhoSeeEverything_AndOnlySomeBeginARollout()
    {
        var (_, dana) = await _host.PersonAsync("dana@example.com", "member");
        var (_, lee) = await _host.PersonAsync("lee@example.com", "member");
        var mine = await PostAsync(dana, Path, new { subject = "Support", answers = await AnswersAsync("a") }, 201);
        await GetAsync(lee, $"{Path}/{Spine.Id(mine)}", 404);
        Assert.Equal(0, (await GetAsync(lee, Path)).GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await GetAsync(dana, Path)).GetProperty("items").GetArrayLength());
        Assert.Equal(1, (await GetAsync(_host.Admin, Path + "?limit=1")).GetProperty("items").GetArrayLength());
        await PostAsync(lee, $"{Path}/{Spine.Id(mine)}/rollout", new { name = "Mine" }, 404);
        await PostAsync(dana, $"{Path}/{Spine.Id(mine)}/rollout", new { name = "Mine" }, 403);
        await PostAsync(_host.Nobody, Path, new { subject = "Support", answers = new { } }, 401);
        await GetAsync(_host.Nobody, $"{Path}/{Spine.Id(mine)}", 401);
    }

    [Theory]
    [InlineData("""{"subject":"Support","answers":{"workflow":"a"}}""", "answer.missing")]
    [InlineData("""{"subject":"Support","answers":{"workflow":1}}""", "field.invalid")]
    [InlineData("""{"subject":" ","answers":{}}""", "field.invalid")]
    [InlineData("""{"subject":"Support","answers":{},"by":"me"}""", "field.unknown")]
    public async Task WhatIsWrong_IsSaid(string body, string code) => Assert.Equal(code, (await PostAsync(_host.Admin, Path, JsonElement.Parse(body), 400)).GetProperty("code").GetString());
}
