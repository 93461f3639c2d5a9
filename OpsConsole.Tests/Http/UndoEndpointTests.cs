using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Webhooks;
using OpsConsole.Features.Undo;
using OpsConsole.Features.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Undo by the team's own endpoint, which fails, times out, answers nonsense, loses its answer or goes away: the same key every time.</summary>
public sealed class UndoEndpointTests() : UndoFixture(postgres: false)
{
    private string _webhook = "", _secret = "";

    private string Path => $"/api/v1/rollouts/{Spine.Rollout}/webhooks";

    [Fact]
    public async Task Step_IsSentSigned_AndTheAnswerIsItsOutcome()
    {
        await AddAsync();
        Assert.Equal("webhooks.undo", Code(await PostAsync(Host.Admin, Path, new { url = "https://other.example.com/", events = new[] { "undo.requested" } }, 409)));
        var other = Id(await PostAsync(Host.Admin, Path, new { url = "https://other.example.com/", events = new[] { "pause.changed" } }, 201));
        await SendAsync(Host.Admin, HttpMethod.Patch, $"{Path}/{other}", new { events = new[] { "undo.requested" } }, 409);
        Box.Body = m => Word(JsonElement.Parse(m.Body).GetProperty("data"), "record") == "a" ? """{"status":"undone"}""" : """{"status":"conflict","words":"Ida changed it"}""";
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2), Write("b", 1, 2), Write("b", 2, 3), Write("a", 2, 3)) });
        Assert.Equal(["a waiting endpoint", "b waiting endpoint", "b waiting endpoint", "a waiting endpoint"], Told(plan));
        await Until.True(async () => Word(await PlanAsync(plan), "state") == "needs_somebody" && (await PlanAsync(plan)).GetProperty("counts").TryGetProperty("undone", out var undone) && undone.GetInt32() == 2, "all were answered");
        Assert.Equal(["a undone endpoint", "b conflict endpoint", "b conflict endpoint", "a undone endpoint"], Told(await PlanAsync(plan)));
        Assert.Equal("Ida changed it", Word(Steps(await PlanAsync(plan))[1], "says"));
        Assert.Equal(3, Box.Sent.Count);   // the older write of b was never sent
        var sent = Box.Sent.First(m => Key(m) == Id(Steps(plan)[0]));
        Assert.Equal(WebhookSignature.Header(Key(sent), long.Parse(Postbox.Header(sent, "webhook-timestamp"), CultureInfo.InvariantCulture), sent.Body, [WebhookSignature.Key(_secret)!]), Postbox.Header(sent, "webhook-signature"));
        var message = JsonElement.Parse(sent.Body);
        Assert.Equal((Key(sent), "io.opsconsole.undo.requested.v1", Key(sent)), (Id(message), Word(message, "type"), Word(message.GetProperty("data"), "key")));
        Assert.Equal((2, 3, 2), (Value(message, "before"), Value(message, "after"), Value(message, "arguments")));
        Assert.Empty(await TakeAsync());

        static int Value(JsonElement message, string name) => message.GetProperty("data").GetProperty(name).GetProperty("v").GetInt32();
    }

    [Fact]
    public async Task Failures_AreSentAgainUnderTheSameKey_AndThenAPersons()
    {
        await AddAsync();
        (int Status, string? Body)[] answers = [(503, null), (200, "certainly"), (200, """{"status":"irreversible"}"""), (200, null)];
        var turn = 0;
        Box.Answer = _ => Task.FromResult(turn < answers.Length ? answers[turn].Status : 200);
        Box.Body = _ => turn < answers.Length ? answers[turn].Body : """{"status":"undone"}""";
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        var step = Id(Steps(plan)[0]);
        foreach (var said in (string[])["Answered 503.", "did not say", "did not say", "did not say"])
        {
            await UntilStepAsync(plan, step, s => s.GetProperty("says") is { ValueKind: JsonValueKind.String } says && says.GetString()!.Contains(said, StringComparison.Ordinal) && Box.Sent.Count == turn + 1, said);
            Assert.Equal("sent", Word(await StepAsync(plan, step), "state"));
            turn++;
            Time.Skip(UndoRules.Lease);
        }
        await UntilStepAsync(plan, step, s => Word(s, "state") == "undone", "it is undone");
        Assert.Equal(UndoRules.MostAttempts, Box.Sent.Count);
        Assert.All(Box.Sent, m => Assert.Equal(step, Key(m)));
    }

    [Fact]
    public async Task NoAnswerAtAll_IsAPersonsInTheEnd()
    {
        await AddAsync();
        Box.Answer = _ => Task.FromResult(500);
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        var step = Id(Steps(plan)[0]);
        for (var attempt = 1; attempt <= UndoRules.MostAttempts; attempt++)
        {
            await Until.True(() => Box.Sent.Count == attempt, $"attempt {attempt}");
            Time.Skip(UndoRules.Lease);
        }
        await UntilStepAsync(plan, step, s => Word(s, "state") == "failed", "it is given up");
        Assert.Contains("may have happened", Word(await StepAsync(plan, step), "says"));
        (Box.Answer, Box.Body) = (_ => Task.FromResult(200), _ => """{"status":"undone"}""");
        await RetryAsync(step);
        await UntilStepAsync(plan, step, s => Word(s, "state") == "undone", "it is undone");
        Assert.Single(Box.Sent.Select(Key).Distinct());
    }

    [Fact]
    public async Task KilledBetweenTheSteps_GoesOnAfterwards()
    {
        await AddAsync();
        Box.Answer = m => Key(m).Length > 0 && Word(JsonElement.Parse(m.Body).GetProperty("data"), "record") == "b" ? Task.FromResult(200) : new TaskCompletionSource<int>().Task;   // the console ends in the middle of a
        Box.Body = _ => """{"status":"undone"}""";
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2), Write("b", 1, 2), Write("a", 2, 3)) });
        await UntilStepAsync(plan, Id(Steps(plan)[1]), s => Word(s, "state") == "undone", "b is undone");
        await Host.StopAsync();
        Box.Answer = _ => Task.FromResult(200);
        Time.Skip(UndoRules.Lease);
        await Host.InitializeAsync();
        await Until.True(async () => Word(await PlanAsync(plan), "state") == "done", "all is undone");
        Assert.Equal([Id(Steps(plan)[0]), Id(Steps(plan)[0]), Id(Steps(plan)[2])], Box.Sent.Select(Key).Where(k => k != Id(Steps(plan)[1])));
    }

    [Fact]
    public async Task EndpointGone_ItsStepsArePeoples()
    {
        await AddAsync();
        Box.Answer = _ => Task.FromResult(500);
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        await Until.True(() => Box.Sent.Count == 1, "it was sent");
        await SendAsync(Host.Admin, HttpMethod.Delete, $"{Path}/{_webhook}", null, 204);
        Time.Skip(UndoRules.Lease);
        await UntilStepAsync(plan, Id(Steps(plan)[0]), s => Word(s, "runner") == "person", "it is handed over");
        Assert.Contains("look at the record first", Word(Steps(await PlanAsync(plan))[0], "says"));
        Assert.Single(Box.Sent);
    }

    [Fact]
    public async Task PlanThatCannotGoOn_IsNotAskedAgainAtOnce()
    {
        await AddAsync();
        var clock = Host.Services.GetServices<IHostedService>().OfType<UndoClock>().Single();
        Box.Answer = _ => new TaskCompletionSource<int>().Task;   // it never answers
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2), Write("a", 2, 3), Write("a", 3, 4)) });
        await Until.True(() => Box.Sent.Count == 1, "the newest is under way");
        foreach (var skip in (TimeSpan[])[TimeSpan.Zero, UndoRules.Lease])   // also when its lease is over and the call has not come back
        {
            Time.Skip(skip);
            Assert.Empty(await ReadAsync(db => clock.ChooseAsync(db, Time.GetUtcNow(), default)));
            Assert.True(await clock.LookAsync(default) > TimeSpan.FromSeconds(1));
        }
        Assert.Equal(["a sent endpoint", "a waiting endpoint", "a waiting endpoint"], Told(await PlanAsync(plan)));
        Assert.Single(Box.Sent);
    }

    private async Task AddAsync()
    {
        var added = await PostAsync(Host.Admin, Path, new { url = "https://hooks.example.com/undo", events = new[] { "undo.requested" } }, 201);
        (_webhook, _secret) = (Id(added), Word(added, "secret"));
    }

    private static string Key(OutboundMessage message) => Postbox.Header(message, "webhook-id");
}
