using System.Diagnostics;
using System.Text.Json;
using OpsConsole.Tests.Support;

namespace OpsConsole.Clients;

/// <summary><c>/hubs/approvals</c> with the JavaScript client that people will use, on a real port.</summary>
public sealed class ApprovalHubTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("websockets")]
    [InlineData("direct")]
    [InlineData("polling")]
    public async Task Approver_HearsTheRequest_DecidesIt_HearsTheEnd(string transport)
    {
        await using var dana = await ConnectedAsync(_spine.Dana, transport);
        await using var lee = await ConnectedAsync(_spine.Lee, transport);
        Assert.Empty(await WaitingAsync(dana));

        var asked = await _spine.RefundAsync(420, 202);
        var announced = (await dana.NextAsync("requested")).GetProperty("request");
        Assert.Equal((asked.GetProperty("approval").GetProperty("id").GetString(), "refund.create", "8812", "high"),
            (announced.GetProperty("id").GetString(), announced.GetProperty("action").GetString(), announced.GetProperty("resource_id").GetString(), announced.GetProperty("consequence").GetString()));
        var told = await dana.NextAsync("changed");
        Assert.Equal(0, told.GetProperty("args").GetArrayLength());   // a signal carries nothing; what one may see is pulled
        await lee.NextAsync("changed");
        var row = Assert.Single(await WaitingAsync(dana));
        var id = asked.GetProperty("approval").GetProperty("id").GetString()!;
        Assert.Equal((id, Spine.Id(asked), "pending"), (row.GetProperty("id").GetString(), row.GetProperty("decision_id").GetString(), row.GetProperty("status").GetString()));
        var shown = await dana.CallAsync("Get", id);
        Assert.Equal(420, shown.GetProperty("arguments").GetProperty("amount").GetInt32());
        Assert.Equal(JsonSerializer.Serialize(await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/approvals/" + id)), JsonSerializer.Serialize(shown));   // the same as over HTTP

        var decided = await dana.CallAsync("Decide", id, new { verdict = "approve", reason = "charged twice", version = shown.GetProperty("version").GetInt64() });
        Assert.Equal("approved", decided.GetProperty("status").GetString());
        await lee.NextAsync("changed");
        Assert.Empty(await WaitingAsync(lee));
        Assert.Equal("approved", (await lee.CallAsync("Get", id)).GetProperty("status").GetString());
        var late = await lee.CallAsync("Decide", id, new { verdict = "reject", reason = "no" });
        Assert.NotEqual("", late.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("allow", Spine.Outcome(await _spine.WaitAsync(asked)));
    }

    [Fact]
    public async Task WhatWasAskedWhileNobodyListened_IsNoNews()
    {
        await (await ConnectedAsync(_spine.Lee)).DisposeAsync();
        await _spine.RefundAsync(410, 202);
        await using var dana = await ConnectedAsync(_spine.Dana);
        await WaitingAsync(dana);   // the handshake is over before the hub has opened the connection; what is called comes after that
        var asked = await _spine.RefundAsync(420, 202);
        Assert.Equal(asked.GetProperty("approval").GetProperty("id").GetString(), (await dana.NextAsync("requested")).GetProperty("request").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("websockets")]
    [InlineData("direct")]
    [InlineData("polling")]
    public async Task WrongAbsentOrAgentsCredential_IsRefused(string transport)
    {
        var reviewer = await TokenAsync("reader@example.com", ["decisions"]);
        foreach (var token in (string?[])[null, "opp_admin_wrongwrongwrongwrongwrongwrongwrongwrongwrong", "nonsense", Bearer(_spine.Agent), reviewer.Token])
        {
            await using var client = Client(token, transport);
            var said = await client.NextAsync();
            Assert.Equal("refused", NodeClient.Event(said));
            // Without the negotiation the client is not told why.
            if (transport != "direct") Assert.Contains(token == reviewer.Token || token == Bearer(_spine.Agent) ? "403" : "401", said.GetProperty("why").GetString());
        }
    }

    [Fact]
    public async Task TokenInTheAddress_IsNotTaken_AndServerSentEventsAreNotOffered()
    {
        await using var client = Client(Bearer(_spine.Dana), "sse");   // the transport for which the client would put the token into the address
        Assert.Equal("refused", NodeClient.Event(await client.NextAsync()));
        await ConsoleHost.PostAsync(_host.Nobody, "/hubs/approvals/negotiate?negotiateVersion=1&access_token=" + Bearer(_spine.Dana), null, 401);
    }

    [Theory]
    [InlineData("websockets")]
    [InlineData("direct")]
    [InlineData("polling")]
    public async Task PageOfAnotherSite_IsRefused_OwnOriginIsNot(string transport)
    {
        foreach (var origin in (string[])["https://evil.example", "null", _host.Url! + ".evil.example"])
        {
            await using var foreign = Client(Bearer(_spine.Dana), transport, origin);
            var said = await foreign.NextAsync();
            Assert.Equal("refused", NodeClient.Event(said));
            if (transport != "direct") Assert.Contains("403", said.GetProperty("why").GetString());
        }
        await using var own = Client(Bearer(_spine.Dana), transport, _host.Url);
        Assert.Equal("connected", NodeClient.Event(await own.NextAsync()));
    }

    [Fact]
    public async Task WhoMayNeitherSeeNorDecide_LearnsNothingOfTheRequest()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        await using var client = await ConnectedAsync(stranger);
        await using var dana = await ConnectedAsync(_spine.Dana);
        var asked = await _spine.RefundAsync(420, 202);
        var id = asked.GetProperty("approval").GetProperty("id").GetString()!;
        await dana.NextAsync("requested");
        Assert.Equal("changed", NodeClient.Event(await client.NextAsync()));
        Assert.Empty(await WaitingAsync(client));
        foreach (var answer in (JsonElement[])[await client.CallAsync("Get", id), await client.CallAsync("Decide", id, new { verdict = "approve" }), await client.CallAsync("Get", "apr_nothing")])
            Assert.Equal("not_found", answer.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("pending", Spine.Outcome(await _spine.GetAsync(asked)));
    }

    [Theory]
    [InlineData("revoked")]
    [InlineData("disabled")]
    public async Task Connection_IsCutWithItsToken_WithinFiveSeconds(string how)
    {
        var (person, token, id) = await TokenAsync("max@example.com", ["approvals"], "approver");
        await using var max = Client(token);
        Assert.Equal("connected", NodeClient.Event(await max.NextAsync()));
        await using var dana = await ConnectedAsync(_spine.Dana);
        var watch = Stopwatch.StartNew();
        if (how == "revoked") await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Delete, "/api/v1/tokens/" + id, null, 204);
        else await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + person, new { disabled = true }, 200);
        Assert.Equal("closed", NodeClient.Event(await max.NextAsync()));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Empty(await WaitingAsync(dana));   // the others stay
    }

    [Fact]
    public async Task HostileCalls_AreRefusedAndChangeNothing()
    {
        await using var dana = await ConnectedAsync(_spine.Dana);
        var asked = await _spine.RefundAsync(420, 202);
        var id = asked.GetProperty("approval").GetProperty("id").GetString()!;
        object[] decisions = [new { }, new { verdict = "maybe" }, new { verdict = "approve", surprise = 1 }, new { verdict = "approve", reason = "a\0b" }, new { verdict = "approve", version = 1e300 }, "approve", new[] { 1 }, new { verdict = "edit" }];
        foreach (var decision in decisions)
            Assert.NotEqual("", (await dana.CallAsync("Decide", id, decision)).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("field.invalid", (await dana.CallAsync("ListAfter", "nonsense")).GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("pending", Spine.Outcome(await _spine.GetAsync(asked)));
        Assert.Single(await WaitingAsync(dana));
    }

    private NodeClient Client(string? token, string transport = "websockets", string? origin = null)
        => NodeClient.Start("approvals.mjs", ("OPS_URL", _host.Url), ("OPS_TOKEN", token), ("OPS_TRANSPORT", transport), ("OPS_ORIGIN", origin));

    private async Task<NodeClient> ConnectedAsync(HttpClient person, string transport = "websockets")
    {
        var client = Client(Bearer(person), transport);
        Assert.Equal("connected", NodeClient.Event(await client.NextAsync()));
        return client;
    }

    private async Task<(string Person, string Token, string TokenId)> TokenAsync(string email, string[] scopes, params string[] roles)
    {
        const string password = "mellow otter paints a gate";
        var invited = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", new { email, roles }, 201);
        await ConsoleHost.PostAsync(_host.Nobody, $"/api/v1/invitations/{invited.GetProperty("invitation").GetProperty("code").GetString()}/accept", new { password });
        var made = await ConsoleHost.PostAsync(_host.Nobody, "/api/v1/tokens", new { email, password, scopes }, 201);
        return (invited.GetProperty("id").GetString()!, made.GetProperty("token").GetString()!, made.GetProperty("id").GetString()!);
    }

    private static async Task<List<JsonElement>> WaitingAsync(NodeClient client) => [.. (await client.CallAsync("List")).GetProperty("items").EnumerateArray()];

    private static string Bearer(HttpClient client) => client.DefaultRequestHeaders.Authorization!.Parameter!;
}
