using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Features.Decisions;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The recorded runs of an airline agent that failed (<c>reward</c> 0): each is an incident, its writes are undone by the agent and by a person, and the airline is as it was before the run.</summary>
public sealed class TauAirlineUndoTests : IAsyncLifetime
{
    private readonly Airline _airline = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private int _answers, _undone;

    public async Task InitializeAsync()
    {
        _host = await StartAsync();
        _spine = await Spine.BuildAsync(_host, (await File.ReadAllTextAsync(Repository.PathTo("examples/tau-airline/matrix.json"))).Replace("group:airline-reviewers", "group:leads", StringComparison.Ordinal));
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [SharedFact("data/tau-airline/runs.json")]
    public async Task FailedRuns_AreIncidents_AndTheirWritesAreUndone()
    {
        var runs = await AirlineRun.AllAsync();
        foreach (var run in runs) Know(run);
        var initial = _airline.Snapshot;
        var (failed, incidents, writes) = (0, 0, 0);
        foreach (var run in runs.Where(r => r.GetProperty("reward").GetDouble() == 0))
        {
            failed++;
            var name = $"tau-{run.GetProperty("task_id").GetInt32()}-{run.GetProperty("trial").GetInt32()}";
            var (decisions, records) = await ReplayAsync(run, name);
            if (records.Count == 0)
            {
                Assert.Equal(initial, _airline.Snapshot);   // it failed by doing nothing
                continue;
            }
            writes += records.Count;
            incidents++;
            Assert.NotEqual(initial, _airline.Snapshot);
            await UndoAsync(name, decisions, [.. records.Distinct()]);
            Assert.Equal(initial, _airline.Snapshot);
        }
        Assert.Equal((57, writes), (failed, _undone));
        Assert.Equal(_undone, _airline.Restored);   // once each, however often it was asked
        Assert.True(incidents > 40, $"{incidents} incidents");
        Assert.Empty((await GetAsync(_host.Admin, "/api/v1/incidents?status=open")).GetProperty("items").EnumerateArray());
    }

    /// <summary>The reservations as they were before any run wrote to them: each run began with the same ones.</summary>
    private void Know(JsonElement run)
    {
        HashSet<string> written = [];
        foreach (var (action, arguments, result) in AirlineRun.Calls(run).Where(c => !c.Result.StartsWith("Error", StringComparison.Ordinal)))
        {
            if (action == "get_reservation_details" && !written.Contains(Word(arguments, "reservation_id"))) _airline.Know(Word(arguments, "reservation_id"), result);
            else if (AirlineRun.Writes.Contains(action) && arguments.TryGetProperty("reservation_id", out var reservation)) written.Add(reservation.GetString()!);
        }
    }

    /// <summary>Asks for each write as recorded, has it approved, does it and reports it.</summary>
    private async Task<(List<string> Decisions, List<string> Records)> ReplayAsync(JsonElement run, string name)
    {
        List<string> decisions = [], records = [];
        foreach (var (action, arguments, result) in AirlineRun.Calls(run).Where(c => AirlineRun.Writes.Contains(c.Action)))
        {
            var asked = await _spine.AskAsync(new { action, arguments, run_id = name, confidence = 0.9 }, 202);
            await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve", reason = "As recorded" });
            var failed = result.StartsWith("Error", StringComparison.Ordinal);
            var writes = failed ? [] : _airline.Do(action, arguments, result);
            await PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = failed ? "failed" : "succeeded", error = failed ? result : null, writes = writes.Select(w => w.Reported) });
            if (writes.Count == 0) continue;
            decisions.Add(Spine.Id(asked));
            records.AddRange(writes.Select(w => w.Record));
        }
        return (decisions, records);
    }

    private async Task UndoAsync(string run, List<string> decisions, string[] records)
    {
        var incident = Word(await PostAsync(_host.Admin, "/api/v1/incidents", new { rollout_id = _spine.Rollout, title = $"Run {run} did what it should not", severity = "sev2", records, decisions, runs = new[] { run } }, 201), "id");
        await PostAsync(_spine.Owner, $"/api/v1/incidents/{incident}/acknowledge", null);
        var plan = await PostAsync(_spine.Owner, "/api/v1/undo/plans", new { scope = new { run_id = run }, rollout_id = _spine.Rollout, incident_id = incident, reason = "The run failed" }, 201);
        var id = Word(plan, "id");
        for (var round = 0; Word(plan, "state") != "done"; round++)
        {
            Assert.True(round < 50, $"{run} does not end: {plan}");
            foreach (var task in (await GetAsync(_spine.Agent, "/api/v1/undo")).GetProperty("items").EnumerateArray())
            {
                Assert.True(_airline.Restore(Word(task, "key"), Word(task, "record"), task.GetProperty("before"), task.GetProperty("after")), $"{run}: {task}");
                if (++_answers % 3 == 0) continue;   // the answer is lost: it is told again under the same key, and does nothing
                await PostAsync(_spine.Agent, $"/api/v1/undo/{Word(task, "id")}/outcome", new { status = "undone" });
            }
            plan = await GetAsync(_host.Admin, "/api/v1/undo/plans/" + id);
            // What the rules call irreversible a person does by hand, the newest first.
            foreach (var step in plan.GetProperty("steps").EnumerateArray().Where(s => Word(s, "runner") == "person" && Word(s, "state") == "waiting").ToList())
            {
                if (plan.GetProperty("steps").EnumerateArray().Any(s => s.GetProperty("place").GetInt32() < step.GetProperty("place").GetInt32() && Word(s, "record") == Word(step, "record") && Word(s, "state") != "undone")) continue;
                var (before, after) = await WriteAsync(Word(step, "decision_id"), step.GetProperty("write").GetInt32());
                Assert.True(_airline.Restore(Word(step, "id"), Word(step, "record"), before, after), $"{run}: {step}");
                await PostAsync(_spine.Owner, $"/api/v1/undo/steps/{Word(step, "id")}/outcome", new { status = "undone", words = "By hand" });
                plan = await GetAsync(_host.Admin, "/api/v1/undo/plans/" + id);
            }
        }
        _undone += plan.GetProperty("counts").GetProperty("undone").GetInt32();
        Assert.Equal(plan.GetProperty("steps").GetArrayLength(), plan.GetProperty("counts").GetProperty("undone").GetInt32());
        await PostAsync(_spine.Owner, $"/api/v1/incidents/{incident}/state", new { state = "resolved", words = "All of it is undone" });
        var lines = (await GetAsync(_host.Admin, "/api/v1/incidents/" + incident)).GetProperty("timeline").EnumerateArray().Count(l => Word(l, "kind") == "undo");
        Assert.True(lines > plan.GetProperty("steps").GetArrayLength(), $"{lines} lines");   // its start, and each step's end
    }

    // What a person reads on the decision's page.
    private async Task<(JsonElement Before, JsonElement After)> WriteAsync(string decision, int index)
    {
        var story = await _host.Services.GetRequiredService<DecisionStory>().TellAsync(new PersonCaller(_host.Writer.State.Directory.People[_spine.OwnerId], null, "session"), decision, CancellationToken.None);
        var write = story.Value.Writes[index];
        return (Parse(write.Before), Parse(write.After));

        static JsonElement Parse(string? json) => json is null ? default : JsonElement.Parse(json);
    }

    private static string Word(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
