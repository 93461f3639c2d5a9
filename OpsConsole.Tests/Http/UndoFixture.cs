using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Data;
using OpsConsole.Features.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>A console with an agent that writes to a CRM and reports it, a clock that can be moved, and a way out that keeps what is sent.</summary>
public abstract class UndoFixture(bool postgres) : IAsyncLifetime
{
    protected virtual string Rules => """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "crm.update", "outcome": "allow", "consequence": "low", "reversible": true },
        { "id": "R-2", "action": "crm.delete", "outcome": "approve", "approvers": ["group:leads"], "reversible": false } ] }
    """;

    private protected readonly SkipTime Time = new();
    private protected readonly Postbox Box = new();
    private int _asked;

    protected ConsoleHost Host { get; private set; } = default!;
    protected Spine Spine { get; private set; } = default!;
    /// <summary>The agent, also after a restart.</summary>
    protected HttpClient Agent => Host.As(Spine.AgentKey);

    public async Task InitializeAsync()
    {
        Host = await StartAsync(new HostSettings { Postgres = postgres, Time = Time, Services = s => s.AddSingleton<IOutbound>(Box) });
        Spine = await Spine.BuildAsync(Host, Rules);
        await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A write as agents report it, which sets <c>v</c> from one number to another.</summary>
    protected static object Write(string record, int before, int after, string? action = "crm.update")
        => new { system = "crm", record, operation = "update", before = new { v = before }, after = new { v = after }, undo = new { kind = "reverse_write", action, arguments = new { record, v = before } } };

    /// <summary>The agent asks, acts and reports these writes; returns the decision's id.</summary>
    protected Task<string> ActAsync(params object[] writes) => ActAsync("run-1", writes);

    protected async Task<string> ActAsync(string run, object[] writes, HttpClient? agent = null)
    {
        var answer = await PostAsync(agent ?? Agent, "/api/v1/decisions", new { action = "crm.update", arguments = new { n = _asked++ }, run_id = run, confidence = 0.9 });
        await PostAsync(agent ?? Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new { status = "succeeded", writes });
        return Spine.Id(answer);
    }

    protected Task<JsonElement> PreviewAsync(object scope, bool inRollout = false) => PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope, rollout_id = inRollout ? Spine.Rollout : null, dry_run = true });

    protected Task<JsonElement> StartPlanAsync(object scope, bool inRollout = false, string? incident = null, int expect = 201)
        => PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope, rollout_id = inRollout ? Spine.Rollout : null, incident_id = incident, reason = "It was wrong" }, expect);

    protected async Task<IReadOnlyList<JsonElement>> TakeAsync(HttpClient? agent = null) => [.. (await GetAsync(agent ?? Agent, "/api/v1/undo")).GetProperty("items").EnumerateArray()];
    protected Task<JsonElement> SayAsync(string step, string status, string? words = null, int expect = 200) => PostAsync(Agent, $"/api/v1/undo/{step}/outcome", new { status, words }, expect);
    protected Task<JsonElement> TickAsync(string step, string status, string? words = null, int expect = 200, HttpClient? who = null) => PostAsync(who ?? Host.Admin, $"/api/v1/undo/steps/{step}/outcome", new { status, words }, expect);
    protected Task<JsonElement> RetryAsync(string step, int expect = 200) => PostAsync(Host.Admin, $"/api/v1/undo/steps/{step}/retry", null, expect);
    protected Task<JsonElement> HandOverAsync(string step, string? to = null, string? words = null, int expect = 200) => PostAsync(Host.Admin, $"/api/v1/undo/steps/{step}/hand_over", new { to, words }, expect);
    protected Task<JsonElement> PlanAsync(JsonElement plan) => GetAsync(Host.Admin, "/api/v1/undo/plans/" + Id(plan));

    protected static string Id(JsonElement of) => Word(of, "id");
    protected static string Word(JsonElement of, string name) => of.GetProperty(name).GetString()!;
    protected static string Code(JsonElement problem) => Word(problem, "code");
    protected static IReadOnlyList<JsonElement> Steps(JsonElement plan) => [.. plan.GetProperty("steps").EnumerateArray()];
    /// <summary>Record, state and runner of each step.</summary>
    protected static IReadOnlyList<string> Told(JsonElement plan) => [.. Steps(plan).Select(s => $"{Word(s, "record")} {Word(s, "state")} {Word(s, "runner")}")];

    protected async Task<JsonElement> StepAsync(JsonElement plan, string id) => Steps(await PlanAsync(plan)).Single(s => Id(s) == id);
    protected Task UntilStepAsync(JsonElement plan, string id, Func<JsonElement, bool> holds, string what) => Until.True(async () => holds(await StepAsync(plan, id)), what);

    private protected async Task<T> ReadAsync<T>(Func<OpsDbContext, Task<T>> read)
    {
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return await read(db);
    }

    /// <summary>The events of the log about undoing, oldest first.</summary>
    protected Task<List<string>> LogAsync() => ReadAsync(db => db.Audit.AsNoTracking().Where(a => a.Event.StartsWith("undo.")).OrderBy(a => a.Seq).Select(a => a.Event).ToListAsync());
}
