using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Features.Webhooks;
using OpsConsole.Integrations.Outbound;
using OpsConsole.Tests.Support;

namespace OpsConsole.Clients;

/// <summary>Deliveries to a receiver that people would write with npm standardwebhooks, over real connections.</summary>
public sealed class WebhookClientTests : IAsyncLifetime
{
    private NodeClient _receiver = default!;
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private string _origin = "";

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/webhooks";

    public async Task InitializeAsync()
    {
        _receiver = NodeClient.Start("webhooks.mjs");
        _origin = "http://127.0.0.1:" + (await _receiver.NextAsync("listening")).GetProperty("port").GetInt32();
        _host = await ConsoleHost.StartAsync(new HostSettings { Services = s => s.AddSingleton<IOutbound>(_ => new GuardedOutbound(new OutboundOptions { AllowedOrigins = [_origin] }, total: TimeSpan.FromSeconds(2))) });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Theory]
    [InlineData("cloudevents", "application/cloudevents+json; charset=utf-8")]
    [InlineData("standard", "application/json; charset=utf-8")]
    public async Task Receiver_VerifiesARequest_AlsoWhileTheSecretRotates(string format, string type)
    {
        var (id, secret) = await AddAsync("/hook", format);
        await _receiver.CallAsync("secrets", secret);
        var asked = await _spine.RefundAsync(420, 202);
        var told = await _receiver.NextAsync("delivery");
        Assert.True(told.GetProperty("verified")[0].GetBoolean());
        Assert.Equal(type, told.GetProperty("headers").GetProperty("content-type").GetString());
        Assert.Equal(asked.GetProperty("approval").GetProperty("id").GetString(), JsonElement.Parse(told.GetProperty("body").GetString()!).GetProperty("data").GetProperty("approval_id").GetString());
        await StateAsync(id, "delivered");

        var fresh = (await ConsoleHost.PostAsync(_host.Admin, $"{Path}/{id}/secret", null)).GetProperty("secret").GetString()!;
        await _receiver.CallAsync("secrets", secret, fresh, "whsec_" + Convert.ToBase64String(new byte[32]));
        await ConsoleHost.PostAsync(_host.Admin, $"{Path}/{id}/test", null, 202);
        Assert.Equal([true, true, false], (await _receiver.NextAsync("delivery")).GetProperty("verified").EnumerateArray().Select(v => v.GetBoolean()));
    }

    [Theory]
    [InlineData("/slow", "No answer within 2 seconds.")]
    [InlineData("/redirect", "Answered 302: redirects are not followed.")]
    [InlineData("/broken", "Answered 500.")]
    public async Task Receiver_ThatDoesNotTakeIt_IsInTheLog_AndTriedAgain(string path, string says)
    {
        var (id, secret) = await AddAsync(path);
        await _receiver.CallAsync("secrets", secret);
        await ConsoleHost.PostAsync(_host.Admin, $"{Path}/{id}/test", null, 202);
        Assert.Equal(path, (await _receiver.NextAsync("delivery")).GetProperty("path").GetString());
        var failed = await SaysAsync(id);
        Assert.Equal(("waiting", says), (failed.GetProperty("state").GetString(), failed.GetProperty("says").GetString()));
        // The next is the second attempt, five seconds on; a followed redirect would be a call of /hook.
        Assert.Equal(path, (await _receiver.NextAsync("delivery")).GetProperty("path").GetString());
    }

    [Fact]
    public async Task LoopbackReceiver_IsRefusedByAddress_AndByName()
    {
        Assert.Equal("url", (await ConsoleHost.PostAsync(_host.Admin, Path, new { url = "https://127.0.0.1/hook", events = new[] { "alert.raised" } }, 400)).GetProperty("field").GetString());
        var added = await ConsoleHost.PostAsync(_host.Admin, Path, new { url = "https://localhost/hook", events = new[] { "alert.raised" } }, 201);
        var id = added.GetProperty("id").GetString()!;
        await ConsoleHost.PostAsync(_host.Admin, $"{Path}/{id}/test", null, 202);
        var says = (await SaysAsync(id)).GetProperty("says").GetString()!;
        Assert.StartsWith("Blocked: localhost leads to ", says);
        Assert.EndsWith("which is loopback.", says);
    }

    private async Task<(string Id, string Secret)> AddAsync(string path, string format = "cloudevents")
    {
        var added = await ConsoleHost.PostAsync(_host.Admin, Path, new { url = _origin + path, events = new[] { "approval.requested" }, format }, 201);
        return (added.GetProperty("id").GetString()!, added.GetProperty("secret").GetString()!);
    }

    private async Task<JsonElement> SaysAsync(string id) => await DeliveryAsync(id, d => d.GetProperty("says").ValueKind == JsonValueKind.String);

    private async Task StateAsync(string id, string state) => await DeliveryAsync(id, d => d.GetProperty("state").GetString() == state);

    private async Task<JsonElement> DeliveryAsync(string id, Func<JsonElement, bool> fits)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));   // only bounds a failing test
        while (true)
        {
            var first = (await ConsoleHost.GetAsync(_host.Admin, $"{Path}/{id}/deliveries")).GetProperty("items").EnumerateArray().FirstOrDefault();
            if (first.ValueKind == JsonValueKind.Object && fits(first)) return first;
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
