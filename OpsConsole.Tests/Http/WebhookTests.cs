using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Features.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

public sealed class SqliteWebhookTests() : WebhookTests(postgres: false)
{
    [Fact]
    public async Task Restart_WhatWasNotToldOrSent_IsSentAfterwards()
    {
        await AddAsync();
        Box.Answer = _ => new TaskCompletionSource<int>().Task;   // the console ends in the middle of it
        await Spine.RefundAsync(420, 202);
        await SentAsync(1);
        await Host.StopAsync();
        Box.Answer = _ => Task.FromResult(204);
        Time.Skip(WebhookDelivery.Lease);
        await Host.InitializeAsync();
        await SentAsync(2);
        Assert.Equal(Id(0), Id(1));
        await StateAsync(DeliveryState.Delivered);
    }
}

public sealed class PostgresWebhookTests() : WebhookTests(postgres: true)
{
    [Fact]
    public async Task TwoInstances_OnOneDatabase_DeliverOnce()
    {
        var settings = Host.Services.GetRequiredService<IConfiguration>();
        await using var second = await ConsoleHost.StartAsync(new HostSettings
        {
            SetUp = false, Time = Time, Services = s => s.AddSingleton<IOutbound>(Box),
            More = new Dictionary<string, string?> { ["OpsConsole:Data:Provider"] = "postgres", ["ConnectionStrings:Postgres"] = settings["ConnectionStrings:Postgres"], ["OpsConsole:Data:Directory"] = Host.Folder },
        });
        await AddAsync();
        const int asks = 12;
        for (var i = 0; i < asks; i++) await ConsoleHost.PostAsync(i % 2 == 0 ? Spine.Agent : second.As(Spine.AgentKey), "/api/v1/decisions", new { action = "refund.create", arguments = new { amount = 300 + i }, confidence = 0.9 }, 202);
        await Until.True(() => Count(DeliveryState.Delivered) == asks, "all are delivered");
        Assert.Equal(asks, Box.Sent.Count);
        Assert.Equal(asks, Box.Sent.Select(m => Postbox.Header(m, "webhook-id")).Distinct().Count());
    }
}

/// <summary>Webhooks over the API, with a receiver that answers as it is told: what is sent, when again, and who may have it.</summary>
public abstract class WebhookTests(bool postgres) : IAsyncLifetime
{
    private protected readonly SkipTime Time = new();
    private protected readonly Postbox Box = new();
    private Team _team = default!;
    private string _id = "", _secret = "";

    protected ConsoleHost Host { get; private set; } = default!;
    protected Spine Spine => _team.Spine;
    private string Path => $"/api/v1/rollouts/{Spine.Rollout}/webhooks";

    public async Task InitializeAsync()
    {
        Host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres, Time = Time, Services = s => s.AddSingleton<IOutbound>(Box), More = new Dictionary<string, string?> { ["OpsConsole:PublicBaseUrl"] = "https://ops.example.com" } });
        _team = await Team.BuildAsync(Host);
        foreach (var gate in "ABC") await ConsoleHost.PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/gates/{gate}/pass", new { reason = "test", waive = new[] { "*" } });
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task RequestAndDecision_AreTold_SignedWithIdsOnly()
    {
        await AddAsync("approval.requested", "approval.decided");
        var asked = await Spine.RefundAsync(420, 202);
        await SentAsync(1);
        await Spine.DecideAsync(Spine.Dana, asked, new { verdict = "approve", reason = "charged twice" });
        await SentAsync(2);
        await Spine.RefundAsync(20);   // nobody is asked
        var (first, second) = (Box.Sent.First(), Box.Sent.Last());
        Assert.Equal(("https://hooks.example.com/ops?token=abc", "application/cloudevents+json"), (first.To.AbsoluteUri, first.ContentType));
        AssertSigned(first, _secret);
        var apr = asked.GetProperty("approval").GetProperty("id").GetString();
        var body = JsonElement.Parse(first.Body);
        Assert.Equal((Id(0), "io.opsconsole.approval.requested.v1", "approvals/" + apr), (body.GetProperty("id").GetString(), body.GetProperty("type").GetString(), body.GetProperty("subject").GetString()));
        Assert.Equal($$"""{"rollout_id":"{{Spine.Rollout}}","approval_id":"{{apr}}","decision_id":"{{Spine.Id(asked)}}","agent_id":"{{Spine.AgentId}}","url":"https://ops.example.com/approvals/{{apr}}"}""", body.GetProperty("data").GetRawText());
        var decided = JsonElement.Parse(second.Body).GetProperty("data");
        Assert.Equal(("allow", "approved", apr), (decided.GetProperty("outcome").GetString(), decided.GetProperty("status").GetString(), decided.GetProperty("approval_id").GetString()));
        Assert.All(Box.Sent, m => Assert.DoesNotContain("charged", Encoding.UTF8.GetString(m.Body)));
        await StateAsync(DeliveryState.Delivered, 2);
        var log = await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}/deliveries");
        Assert.Equal(["approval.decided", "approval.requested"], log.GetProperty("items").EnumerateArray().Select(d => d.GetProperty("event").GetString()));
        Assert.Single((await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}/deliveries?limit=1&event=approval.decided&state=delivered")).GetProperty("items").EnumerateArray());
        Assert.Equal("approval.requested", (await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}/deliveries?limit=1&after={(await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}/deliveries?limit=1")).GetProperty("next").GetString()}")).GetProperty("items")[0].GetProperty("event").GetString());
    }

    [Fact]
    public async Task PausesGatesAndMatrix_AreTold_OtherRolloutsAreNot()
    {
        await AddAsync([.. WebhookEvent.All.Select(e => e.Name)]);
        var other = (await ConsoleHost.PostAsync(Host.Admin, "/api/v1/rollouts", new { name = "Other", purpose = "Another", time_zone = "UTC" }, 201)).GetProperty("id").GetString();
        await ConsoleHost.PostAsync(Host.Admin, $"/api/v1/rollouts/{other}/pause", new { reason = "elsewhere" });
        await ConsoleHost.PostAsync(Host.Admin, $"/api/v1/agents/{Spine.AgentId}/pause", new { reason = "odd" });
        await ConsoleHost.PostAsync(Host.Admin, "/api/v1/pause", new { reason = "all" });
        await ConsoleHost.PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/gates/C/revoke", new { reason = "back" });
        await Spine.PublishAsync(Host, Spine.Rollout, Spine.Matrix.Replace("\"value\": 1000", "\"value\": 900", StringComparison.Ordinal));
        await SentAsync(4);
        Assert.Equal(["gate.changed", "matrix.published", "pause.changed", "pause.changed"], Box.Sent.Select(m => JsonElement.Parse(m.Body).GetProperty("type").GetString()!["io.opsconsole.".Length..^3]).Order());
    }

    [Fact]
    public async Task FailingReceiver_IsTriedByTheSchedule_IsADeadLetter_AndReplayed()
    {
        await AddAsync();
        Box.Answer = _ => Task.FromResult(500);
        await Spine.RefundAsync(420, 202);
        for (var attempt = 1; attempt <= RetrySchedule.Delays.Count; attempt++)
        {
            await SentAsync(attempt);
            var made = attempt;
            await Until.True(() => Read(db => db.DeliveryAttempts.Count()) == made, $"attempt {made} is on record");
            if (attempt < RetrySchedule.Delays.Count) Time.Skip(RetrySchedule.Delays[attempt] * (1 + RetrySchedule.Jitter));
        }
        await StateAsync(DeliveryState.Failed);
        Assert.Single(Box.Sent.Select(m => Postbox.Header(m, "webhook-id")).Distinct());
        Assert.Single(Box.Sent.Select(m => Encoding.UTF8.GetString(m.Body)).Distinct());
        Assert.True(Box.Sent.Select(m => long.Parse(Postbox.Header(m, "webhook-timestamp"), CultureInfo.InvariantCulture)).Distinct().Count() > 8);
        Assert.Equal(1, (await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}")).GetProperty("failed").GetInt32());
        var failed = (await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}/deliveries?state=failed")).GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(10, (await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}/deliveries/{failed}")).GetProperty("attempts").GetArrayLength());
        Box.Answer = _ => Task.FromResult(200);
        await ConsoleHost.PostAsync(Host.Admin, $"{Path}/{_id}/deliveries/{failed}/replay", null, 202);
        await SentAsync(11);
        await StateAsync(DeliveryState.Delivered);
        Assert.Equal(0, (await ConsoleHost.PostAsync(Host.Admin, $"{Path}/{_id}/replay", null, 202)).GetProperty("replayed").GetInt32());
    }

    [Fact]
    public async Task Gone_SwitchesOff_AndOnAgainTellsOnlyWhatComesThen()
    {
        await AddAsync();
        Box.Answer = _ => Task.FromResult(410);
        await Spine.RefundAsync(420, 202);
        await SentAsync(1);
        await StateAsync(DeliveryState.Failed);
        var off = await ConsoleHost.GetAsync(Host.Admin, $"{Path}/{_id}");
        Assert.Equal((false, "gone"), (off.GetProperty("on").GetBoolean(), off.GetProperty("off_because").GetString()));
        await ConsoleHost.PostAsync(Host.Admin, $"{Path}/{_id}/test", null, 409);
        await Spine.RefundAsync(430, 202);
        Box.Answer = _ => Task.FromResult(204);
        Assert.True((await ConsoleHost.SendAsync(Host.Admin, HttpMethod.Patch, $"{Path}/{_id}", new { on = true }, 200)).GetProperty("on").GetBoolean());
        var third = await Spine.RefundAsync(440, 202);
        await SentAsync(2);
        Assert.Contains(third.GetProperty("approval").GetProperty("id").GetString()!, Encoding.UTF8.GetString(Box.Sent.Last().Body));
    }

    [Fact]
    public async Task Secret_IsShownOnce_KeptProtected_AndRotatesWithOverlap()
    {
        await AddAsync();
        await ConsoleHost.PostAsync(Host.Admin, $"{Path}/{_id}/test", null, 202);
        await SentAsync(1);
        AssertSigned(Box.Sent.Last(), _secret);
        var rotated = await ConsoleHost.PostAsync(Host.Admin, $"{Path}/{_id}/secret", null);
        var fresh = rotated.GetProperty("secret").GetString()!;
        await ConsoleHost.PostAsync(Host.Admin, $"{Path}/{_id}/test", null, 202);
        await SentAsync(2);
        AssertSigned(Box.Sent.Last(), fresh, _secret);
        Time.Skip(WebhookEndpoint.Overlap);
        await ConsoleHost.PostAsync(Host.Admin, $"{Path}/{_id}/test", null, 202);
        await SentAsync(3);
        AssertSigned(Box.Sent.Last(), fresh);
        var stored = Read(db => db.Webhooks.Single());
        var log = string.Join("\n", Read(db => db.Audit.Where(a => a.Event.StartsWith("webhook.")).Select(a => a.Leaf).ToList())) + string.Join("\n", Read(db => db.Payloads.Select(p => p.Body).ToList()));
        foreach (var secret in (string[])[fresh, _secret])
        {
            var key = secret["whsec_".Length..];
            Assert.DoesNotContain(key, stored.Secret + stored.OldSecret);
            Assert.DoesNotContain(key, log);
            Assert.DoesNotContain(key, (await ConsoleHost.GetAsync(Host.Admin, Path)).GetRawText());
        }
        Assert.DoesNotContain("token=abc", log);   // an address may carry a secret too
        Assert.Contains("hooks.example.com", log);
    }

    [Fact]
    public async Task WhoMayNotEditTheRollout_HasNothingOfIt_AndWrongAddressesAreRefused()
    {
        await AddAsync();
        foreach (var (who, status) in ((string, int)[])[("mia", 403), ("xeno", 404)])
        {
            await ConsoleHost.GetAsync(_team[who], Path, status);
            await ConsoleHost.GetAsync(_team[who], $"{Path}/{_id}/deliveries", status);
            await ConsoleHost.PostAsync(_team[who], Path, new { nonsense = 1 }, status);   // before the body is read
            await ConsoleHost.PostAsync(_team[who], $"{Path}/{_id}/secret", null, status);
            await ConsoleHost.SendAsync(_team[who], HttpMethod.Delete, $"{Path}/{_id}", null, status);
        }
        foreach (var (url, events) in ((string?, string[])[])[("http://hooks.example.com/", ["alert.raised"]), ("https://hooks.example.com:8443/", ["alert.raised"]), ("https://a:b@hooks.example.com/", ["alert.raised"]), (null, ["alert.raised"]), ("https://hooks.example.com/", []), ("https://hooks.example.com/", ["person.created"])])
            Assert.StartsWith("field.", (await ConsoleHost.PostAsync(_team["eve"], Path, new { url, events }, 400)).GetProperty("code").GetString());
        for (var i = 1; i < WebhookEndpoint.Most; i++) await ConsoleHost.PostAsync(_team["eve"], Path, new { url = "https://hooks.example.com/" + i, events = new[] { "alert.raised" }, format = "standard" }, 201);
        Assert.Equal("webhooks.full", (await ConsoleHost.PostAsync(_team["eve"], Path, new { url = "https://hooks.example.com/x", events = new[] { "alert.raised" } }, 409)).GetProperty("code").GetString());
        await ConsoleHost.SendAsync(_team["eve"], HttpMethod.Delete, $"{Path}/{_id}", null, 204);
        await ConsoleHost.GetAsync(_team["eve"], $"{Path}/{_id}", 404);
        await Spine.RefundAsync(420, 202);
        Assert.Empty(Box.Sent);
    }

    [Fact]
    public async Task SlowReceiver_HoldsUpNobodyElse()
    {
        await AddAsync();
        await ConsoleHost.PostAsync(Host.Admin, Path, new { url = "https://slow.example.com/", events = new[] { "approval.requested" } }, 201);
        ConcurrentQueue<TaskCompletionSource<int>> waiting = [];
        Box.Answer = m =>
        {
            if (m.To.Host != "slow.example.com") return Task.FromResult(204);
            var never = new TaskCompletionSource<int>();
            waiting.Enqueue(never);
            return never.Task;
        };
        for (var i = 0; i < 10; i++) await Spine.RefundAsync(300 + i, 202);
        await Until.True(() => Count(DeliveryState.Delivered) == 10, "the other endpoint has all of them");
        Assert.Equal(WebhookSender.MostOfOne, waiting.Count);
        while (waiting.TryDequeue(out var one)) one.TrySetResult(204);
        await Until.True(() => Box.Sent.Count == 10 + 2 * WebhookSender.MostOfOne, "the next ones have their turn");
    }

    private protected async Task AddAsync(params string[] events)
    {
        var added = await ConsoleHost.PostAsync(Host.Admin, Path, new { url = "https://hooks.example.com/ops?token=abc", events = events.Length == 0 ? ["approval.requested"] : events }, 201);
        (_id, _secret) = (added.GetProperty("id").GetString()!, added.GetProperty("secret").GetString()!);
        Assert.Equal((true, "cloudevents"), (added.GetProperty("webhook").GetProperty("on").GetBoolean(), added.GetProperty("webhook").GetProperty("format").GetString()));
    }

    private protected Task SentAsync(int count) => Until.True(() => Box.Sent.Count >= count, $"{count} were sent");
    private protected Task StateAsync(DeliveryState state, int count = 1) => Until.True(() => Count(state) == count, $"{count} are {state}");
    private protected string Id(int index) => Postbox.Header(Box.Sent.ElementAt(index), "webhook-id");
    private protected int Count(DeliveryState state) => Read(db => db.WebhookDeliveries.Count(d => d.State == state));

    private T Read<T>(Func<OpsDbContext, T> read)
    {
        using var db = Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContext();
        return read(db);
    }

    private static void AssertSigned(OutboundMessage message, params string[] secrets)
        => Assert.Equal(WebhookSignature.Header(Postbox.Header(message, "webhook-id"), long.Parse(Postbox.Header(message, "webhook-timestamp"), CultureInfo.InvariantCulture), message.Body, secrets.Select(s => WebhookSignature.Key(s)!)), Postbox.Header(message, "webhook-signature"));
}
