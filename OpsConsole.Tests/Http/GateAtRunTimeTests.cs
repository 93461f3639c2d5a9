using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>The gate caps what an agent may do, whatever its tier and the matrix say: A observes, B asks for every write, C acts where it can be undone and among few, D wider.</summary>
public sealed class GateAtRunTimeTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "read", "action": "note.read", "effect": "read", "consequence": "low", "outcome": "allow" },
        { "id": "low", "action": "note.add", "outcome": "allow", "consequence": "low", "reversible": true },
        { "id": "high", "action": "note.drop", "outcome": "allow", "reversible": true, "approvers": ["group:leads"] },
        { "id": "final", "action": "note.send", "outcome": "allow", "consequence": "low" },
        { "id": "ask", "action": "note.ask", "outcome": "approve", "consequence": "low", "reversible": true },
        { "id": "never", "action": "note.burn", "outcome": "deny" } ] }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await BuildAsync(_host, Matrix, gates: "");
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { audience = new[] { new { field = "arguments.land", op = "=", value = "AT" } } }, 200);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>Outcomes in order: a read; a low, reversible write in the audience and outside; a high one; one that cannot be undone; one that the matrix has approved; one that it denies.</summary>
    [Theory]
    [InlineData("", "deny deny deny deny deny deny deny")]
    [InlineData("A", "allow deny deny deny deny deny deny")]
    [InlineData("AB", "allow pending pending pending pending pending deny")]
    [InlineData("ABC", "allow allow pending pending pending pending deny")]
    [InlineData("ABCD", "allow allow allow allow pending pending deny")]
    public async Task Gate_DecidesWhatRemainsOfTheMatrix(string gates, string expected)
    {
        foreach (var gate in gates) await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates/{gate}/pass", new { reason = "test", waive = new[] { "*" } });
        List<string> outcomes = [];
        foreach (var (action, land) in ((string, string)[])[("note.read", "AT"), ("note.add", "AT"), ("note.add", "DE"), ("note.drop", "AT"), ("note.send", "AT"), ("note.ask", "AT"), ("note.burn", "AT")])
            outcomes.Add(await OutcomeAsync(action, land));
        Assert.Equal(expected, string.Join(' ', outcomes));
    }

    [Fact]
    public async Task GateA_IsShadow_TheWriteIsDeniedAndCountedWithWhatItWouldBe()
    {
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates/A/pass", new { reason = "test", waive = new[] { "*" } });
        var denied = await _spine.AskAsync(new { action = "note.add", arguments = new { land = "AT" }, confidence = 0.9 });
        Assert.Equal(("deny", "authority.gate", "allow", "gate A"), (Outcome(denied), Code(denied), denied.GetProperty("would_be").GetString(), denied.GetProperty("limited_by").GetString()));
        var tried = await _spine.AskAsync(new { action = "note.add", arguments = new { land = "AT" }, confidence = 0.9, mode = "shadow" });
        Assert.Equal(("shadow", "allow"), (Outcome(tried), tried.GetProperty("would_be").GetString()));
    }

    [Fact]
    public async Task GateRevoked_HoldsForTheVeryNextDecision()
    {
        foreach (var gate in "ABC") await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates/{gate}/pass", new { reason = "test", waive = new[] { "*" } });
        Assert.Equal("allow", await OutcomeAsync("note.add", "AT"));
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates/C/revoke", new { reason = "a wrong note" });
        Assert.Equal("pending", await OutcomeAsync("note.add", "AT"));
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates/A/revoke", new { reason = "the scope is open again" });
        Assert.Equal("deny", await OutcomeAsync("note.read", "AT"));
    }

    private async Task<string> OutcomeAsync(string action, string land)
    {
        using var response = await _spine.Agent.PostAsync("/api/v1/decisions", new StringContent($$"""{"action":"{{action}}","arguments":{"land":"{{land}}"},"confidence":0.9}""", System.Text.Encoding.UTF8, "application/json"));
        return Outcome(JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }
}
