using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Data;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>A console with an escalation matrix, Dana as incident owner and Lee as sponsor, a person who sees nothing of the rollout, and a clock that can be moved.</summary>
public abstract class IncidentFixture : IAsyncLifetime
{
    private protected readonly SkipTime Time = new();

    protected ConsoleHost Host { get; private set; } = default!;
    protected Spine Spine { get; private set; } = default!;
    protected HttpClient Xeno { get; private set; } = default!;
    protected string DanaId { get; private set; } = "";
    /// <summary>The ids of the rows that every matrix starts with.</summary>
    protected IReadOnlyList<string> Rows { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Host = await StartAsync(new HostSettings { Time = Time });
        Spine = await Spine.BuildAsync(Host);
        await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/worksheets/escalation/start", null);
        Rows = [.. (await GetAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/worksheets/escalation")).GetProperty("rows").EnumerateArray().Select(r => Word(r, "id"))];
        await SendAsync(Host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + Spine.Rollout, new { owners = new { incident_owner = "dana@example.com", exec_sponsor = "lee@example.com" } }, 200);
        (_, Xeno) = await Host.PersonAsync("xeno@example.com", "member");
        DanaId = Host.Writer.State.Directory.ByEmail["dana@example.com"].Id;
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>Ends the console, lets time pass and starts it again.</summary>
    private protected async Task RestartAsync(TimeSpan after)
    {
        await Host.StopAsync();
        Time.Skip(after);
        await Host.InitializeAsync();
    }

    /// <summary>Reports a failure and returns the incident's id.</summary>
    protected async Task<string> OpenAsync(string severity = "sev3", string? row = null, string[]? decisions = null, string title = "Wrong refund")
        => Word(await PostAsync(Host.Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title, severity, row, decisions = decisions ?? [] }, 201), "id");

    protected Task<JsonElement> DoAsync(string id, string what, object? body = null, int expect = 200, HttpClient? who = null) => PostAsync(who ?? Host.Admin, $"/api/v1/incidents/{id}/{what}", body, expect);
    protected Task<JsonElement> MoveAsync(string id, string state, int expect = 200, HttpClient? who = null) => DoAsync(id, "state", new { state }, expect, who);
    protected Task<JsonElement> StoryAsync(string id) => GetAsync(Host.Admin, "/api/v1/incidents/" + id);
    protected async Task<JsonElement> FindAsync(string id) => (await StoryAsync(id)).GetProperty("incident");
    protected async Task<List<string>> LinesAsync(string id, string kind) => [.. (await StoryAsync(id)).GetProperty("timeline").EnumerateArray().Where(l => Word(l, "kind") == kind).Select(l => Word(l, "text"))];
    protected async Task<List<JsonElement>> ListAsync(HttpClient? who = null, string query = "") => [.. (await GetAsync(who ?? Host.Admin, "/api/v1/incidents" + query)).GetProperty("items").EnumerateArray()];
    protected async Task<JsonElement> CorrectAsync(string id, object body, int expect = 200) => await WithVersionAsync(HttpMethod.Patch, "/api/v1/incidents/" + id, (await FindAsync(id)).GetProperty("version").GetInt64(), body, expect);

    protected Task<JsonElement> ReviewAsync(string id) => GetAsync(Host.Admin, $"/api/v1/incidents/{id}/review");
    protected async Task<JsonElement> WriteAsync(string id, string section, string text, int expect = 200) => await WithVersionAsync(HttpMethod.Put, $"/api/v1/incidents/{id}/review/{section}", (await ReviewAsync(id)).GetProperty("version").GetInt64(), new { text }, expect);

    /// <summary>Waits for something that the incidents' clock does. It is woken meanwhile: where time was moved between its look and its rest, it would sleep for half a minute.</summary>
    private protected Task ComesAsync(Func<Task<bool>> condition, string what) => Until.True(async () =>
    {
        if (await condition()) return true;
        Host.Services.GetRequiredService<Signals>().Publish("health");
        return false;
    }, what);

    /// <summary>Waits until people were told so often, and sees that they were not told more.</summary>
    protected async Task ToldAsync(string id, int times)
    {
        await ComesAsync(async () => (await LinesAsync(id, "told")).Count >= times, $"told {times} times");
        await DoAsync(id, "updates", new { text = "wakes the clock" });
        await Task.Delay(50);
        Assert.Equal(times, (await LinesAsync(id, "told")).Count);
    }

    /// <summary>The agent does what it was told not to do, which is an alert.</summary>
    protected async Task ActAsync()
    {
        Time.Skip(TimeSpan.FromMinutes(2));   // alerts of a kind are a minute apart
        var agent = Host.As(Spine.AgentKey);
        var denied = await PostAsync(agent, "/api/v1/decisions", new { action = "payment.send" });
        await PostAsync(agent, $"/api/v1/decisions/{Spine.Id(denied)}/outcome", new { status = "succeeded" }, 409);
    }

    private async Task<JsonElement> WithVersionAsync(HttpMethod method, string path, long version, object body, int expect)
    {
        using var request = new HttpRequestMessage(method, path) { Content = System.Net.Http.Json.JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("If-Match", $"\"v{version}\"");
        using var response = await Host.Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == expect, text);
        return JsonElement.Parse(text);
    }

    protected static string Word(JsonElement of, string name) => of.GetProperty(name).GetString()!;
    protected static string Code(JsonElement problem) => Word(problem, "code");

    private protected async Task<T> ReadAsync<T>(Func<OpsDbContext, Task<T>> read)
    {
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return await read(db);
    }
}
