using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Reliability;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Browser;

/// <summary>
/// The recorded runs of an airline agent as two weeks: trial 0 in the first, trial 1 in the second. They carry no times, so the clock is generated, and the rollout says so. A reviewer approves what should have been written, by the
/// recording, and rejects the rest; the same writes are shadow samples. What the reviews and the figures say is held against the file itself.
/// </summary>
[Collection(SecondChromiumTests.Name)]
public sealed class AirlineWeeksJourney(Chromium chromium) : IAsyncLifetime
{
    private const string Name = "Airline support: recorded runs, generated clock";
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private HttpClient _admin = default!, _dana = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host, (await File.ReadAllTextAsync(Repository.PathTo("examples/tau-airline/matrix.json"))).Replace("group:airline-reviewers", "group:leads", StringComparison.Ordinal));
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { name = Name, owners = new { rollout_owner = "owner@example.com" } }, 200);
        (_admin, _dana) = (_host.Admin, _spine.Dana);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [SharedFact("data/tau-airline/runs.json")]
    public async Task TwoTrials_AreTwoWeeks_WithTheFiguresOfTheFile()
    {
        var runs = await AirlineRun.AllAsync();
        List<Trial> trials = [];
        for (var trial = 0; trial < 2; trial++)
        {
            trials.Add(await PlayAsync([.. runs.Where(r => r.GetProperty("trial").GetInt32() == trial)]));
            await SkipAsync(TimeSpan.FromDays(7));   // the week is over, and its review is open
        }
        Assert.Equal((572, 121, 22), (trials.Sum(t => t.Calls), trials.Sum(t => t.Writes), trials.Sum(t => t.HandOffs)));   // numbers.md

        var reviews = (await GetAsync(_admin, $"/api/v1/rollouts/{_spine.Rollout}/reviews")).GetProperty("reviews").EnumerateArray().Select(r => r.GetProperty("week").GetString()!).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, reviews.Count);
        foreach (var (week, t) in reviews.Zip(trials))
        {
            var evidence = (await GetAsync(_admin, $"/api/v1/rollouts/{_spine.Rollout}/reviews/{week}")).GetProperty("evidence");
            var figures = evidence.GetProperty("week");
            Assert.Equal((t.Calls, t.Writes), (figures.GetProperty("asked").GetInt32(), figures.GetProperty("referred").GetInt32()));
            Assert.Equal(t.HandOffs, evidence.GetProperty("actions").EnumerateArray().Single(a => a.GetProperty("action").GetString() == "transfer_to_human_agents").GetProperty("asked").GetInt32());
            var rate = figures.GetProperty("override");
            Assert.Equal((t.Writes - t.Right, t.Writes), (rate.GetProperty("count").GetInt32(), rate.GetProperty("of").GetInt32()));
            var (low, high) = Wilson(t.Writes - t.Right, t.Writes);
            Assert.Equal((low, high), (Math.Round(rate.GetProperty("low").GetDouble(), 4), Math.Round(rate.GetProperty("high").GetDouble(), 4)));
        }
        var shadow = (await GetAsync(_admin, $"/api/v1/rollouts/{_spine.Rollout}/reliability?grain=week&count=3")).GetProperty("periods").EnumerateArray().Select(p => p.GetProperty("shadow")).Where(s => s.GetProperty("n").GetInt32() > 0).ToList();
        foreach (var (s, t) in shadow.Zip(trials, (s, t) => (s, t)))
        {
            Assert.Equal((t.Writes, t.Right), (s.GetProperty("n").GetInt32(), s.GetProperty("agreed").GetInt32()));
            Assert.Equal(Math.Round(Kappa(t.Samples), 4), Math.Round(s.GetProperty("kappa").GetDouble(), 4));
        }

        // The team writes into the second review what only the recording knows: whether each run did its task.
        List<Proportion> tasks = [.. runs.GroupBy(r => r.GetProperty("task_id").GetInt32()).Select(g => new Proportion(g.Count(r => r.GetProperty("reward").GetDouble() == 1), g.Count()))];
        var (one, two) = (PassK.Of(tasks, 1)!.Value, PassK.Of(tasks, 2)!.Value);
        Assert.Equal((0.43, 0.24), (Math.Round(one, 2), Math.Round(two, 2)));
        await using var context = await chromium.NewContextAsync(Screen.Laptop, ColorScheme.Light);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, "owner@example.com", $"/rollouts/{_spine.Rollout}/reviews/{reviews[1]}");
        await page.Locator(".sections:not([inert])").WaitForAsync();   // the script listens
        await page.Locator("[data-field$='/output']").FillAsync(FormattableString.Invariant($"By the recording, 43 of 100 runs did their task: pass^1 {one:0.00}. Both trials of a task: pass^2 {two:0.00}. {trials[0].HandOffs} and {trials[1].HandOffs} runs were handed to a person. The clock of these weeks is generated: the recording has no times."));
        await page.Locator("[data-field$='/output']:not([data-unsent])").WaitForAsync();   // and has it on record
        await Expect(page.Locator("section[aria-label='Override rate'] figcaption")).ToContainTextAsync($"({trials[1].Writes - trials[1].Right} of {trials[1].Writes})");
        await LooksRightAsync(page, "airline-week");
        foreach (var (path, name) in ((string, string)[])[($"/rollouts/{_spine.Rollout}/reliability?by=week", "airline-figures"), ("/portfolio", "airline-portfolio")])
        {
            await OpenAsync(page, _host.Url + path);
            await ShowsAsync(page.Locator("main"), Name);
            await LooksRightAsync(page, name);
        }
    }

    /// <summary>What the file says of one trial. <paramref name="Right"/>: writes that are, to the letter, among those that the task should have ended in.</summary>
    /// <param name="Samples">Per write: the action, and whether people did the same, the same action with other arguments, or nothing.</param>
    private sealed record Trial(int Calls, int Writes, int HandOffs, int Right, IReadOnlyList<(string Action, string Did)> Samples);

    private async Task<Trial> PlayAsync(IReadOnlyList<JsonElement> runs)
    {
        var (calls, handOffs) = (0, 0);
        List<(string Action, string Did)> samples = [];
        await Parallel.ForEachAsync(runs, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (run, _) =>
        {
            var should = run.GetProperty("info").GetProperty("task").GetProperty("actions").EnumerateArray().Select(a => (Name: a.GetProperty("name").GetString()!, With: Jcs.Text(a.GetProperty("kwargs")))).ToList();
            var name = $"task-{run.GetProperty("task_id").GetInt32()}-trial-{run.GetProperty("trial").GetInt32()}";
            foreach (var (action, arguments, result) in AirlineRun.Calls(run))
            {
                Interlocked.Increment(ref calls);
                if (action == "transfer_to_human_agents") Interlocked.Increment(ref handOffs);
                var write = AirlineRun.Writes.Contains(action);
                var asked = await _spine.AskAsync(new { action, arguments, run_id = name }, write ? 202 : 200);
                if (write)
                {
                    var did = should.Contains((action, Jcs.Text(arguments))) ? "same" : should.Exists(s => s.Name == action) ? "edited" : "nothing";
                    lock (samples) samples.Add((action, did));
                    var sample = await _spine.AskAsync(new { action, arguments, run_id = name, mode = "shadow" });
                    await PostAsync(_dana, $"/api/v1/decisions/{Spine.Id(sample)}/human", new { did });
                    await _spine.DecideAsync(_dana, asked, did == "same" ? new { verdict = "approve" } : (object)new { verdict = "reject", reason = "Not what the task asks for" });
                    if (did != "same") continue;
                }
                else if (Spine.Outcome(asked) != "allow") Assert.Fail($"{name}: {action} was not allowed: {asked}");
                await PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = result.StartsWith("Error", StringComparison.Ordinal) ? "failed" : "succeeded" });
            }
        });
        return new Trial(calls, samples.Count, handOffs, samples.Count(s => s.Did == "same"), samples);
    }

    // Tokens of test people last a day.
    private async Task SkipAsync(TimeSpan by)
    {
        _time.Skip(by);
        (_admin, _dana) = (await AsAsync(AdminEmail, AdminPassword), await AsAsync("dana@example.com", _host.PasswordOf("dana@example.com")));
        var hosted = _host.Services.GetServices<IHostedService>().ToList();
        while (await hosted.OfType<RollupClock>().Single().TurnAsync(default)) { }
        Assert.True(await hosted.OfType<ReviewClock>().Single().TurnAsync(default));

        async Task<HttpClient> AsAsync(string email, string password)
            => _host.As((await PostAsync(_host.Nobody, "/api/v1/tokens", new { email, password, scopes = new[] { "*" }, expires_in_days = 1 }, 201)).GetProperty("token").GetString()!);
    }

    // numbers.md, written out once more.
    private static (double Low, double High) Wilson(double k, double n)
    {
        var (p, z) = (k / n, 1.959964);
        var (middle, half) = (p + z * z / (2 * n), z * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n)));
        return (Math.Round((middle - half) / (1 + z * z / n), 4), Math.Round((middle + half) / (1 + z * z / n), 4));
    }

    // Agents' answers are their actions; people's are the same action, the same with other arguments ("otherwise"), or nothing.
    private static double Kappa(IReadOnlyList<(string Action, string Did)> samples)
    {
        double n = samples.Count;
        var agree = samples.Count(s => s.Did == "same") / n;
        var chance = samples.GroupBy(s => s.Action).Sum(g => g.Count() / n * (g.Count(s => s.Did == "same") / n));
        return (agree - chance) / (1 - chance);
    }
}
