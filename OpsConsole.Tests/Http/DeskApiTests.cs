using System.Text.Json;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>What waits, in other orders and by other questions, and one answer to several requests of a kind.</summary>
public sealed class DeskApiTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-high", "action": "refund.create", "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT2H", "note": "money leaves the house" },
        { "id": "R-low", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT1H" },
        { "id": "R-soon", "action": "note.urgent", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT10M" },
        { "id": "R-two", "action": "tag.set", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "quorum": 2 },
        { "id": "R-lee", "action": "tag.drop", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["user:lee@example.com"] } ] }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, Matrix);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Sort_EachOrder_PagesThroughEverythingOnce()
    {
        var note = await AskAsync("note.add", new { amount = 7 });
        var big = await AskAsync("refund.create", new { amount = 420.5 });
        var soon = await AskAsync("note.urgent", new { text = "no number" });
        var bigger = await AskAsync("refund.create", new { total = 1e6 });
        Assert.Equal([soon, note, big, bigger], await PagesAsync("sort=due"));
        Assert.Equal([big, bigger, soon, note], await PagesAsync("sort=consequence"));
        Assert.Equal([bigger, big, note, soon], await PagesAsync("sort=amount"));
        Assert.Equal([soon], await PagesAsync("due_within=PT15M"));
        Assert.Equal([big, bigger], await PagesAsync("search=HOUSE%20refund"));   // the rule's note, and the action
        Assert.Equal([note], await PagesAsync("rule=r-low"));
        Assert.Equal([note], await PagesAsync("action=Note.Add&agent=" + _spine.AgentId));
        Assert.Equal([], await PagesAsync("agent=agt_other"));
        Assert.Equal([bigger, big], await PagesAsync("consequence=high&sort=amount"));
        Assert.Equal([], await PagesAsync("mine=true", _spine.Owner));
        await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/approvals?sort=size", 400);
        await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/approvals?sort=due&status=approved", 400);
        await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/approvals?sort=due&after=12", 400);
    }

    [Fact]
    public async Task Edit_OtherAmount_StandsElsewhereInTheOrder()
    {
        var first = await AskAsync("tag.set", new { amount = 9 });
        var second = await AskAsync("tag.set", new { amount = 8 });
        await ConsoleHost.PostAsync(_spine.Dana, $"/api/v1/approvals/{first}/decision", new { verdict = "edit", arguments = new { amount = 2 } });
        Assert.Equal([second, first], await PagesAsync("sort=amount"));
    }

    [Fact]
    public async Task Bulk_Alike_IsOneVoteEach_AndOneThatChangedIsRefusedAlone()
    {
        List<string> ids = [];
        for (var i = 0; i < 4; i++) ids.Add(await AskAsync("note.add", new { text = "n " + i }));
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{ids[1]}/decision", new { verdict = "reject", reason = "no" });
        var result = await BulkAsync(new { verdict = "approve", items = ids.Select((id, i) => new { id, version = i == 2 ? 7 : 1 }) });
        Assert.Equal((2, 2), (result.GetProperty("decided").GetInt32(), result.GetProperty("refused").GetInt32()));
        Assert.Equal(["approved", "approval.decided", "approval.stale", "approved"], result.GetProperty("items").EnumerateArray().Select(i => i.GetProperty(i.GetProperty("status").ValueKind == JsonValueKind.String ? "status" : "code").GetString()!));
        Assert.Equal(["approved", "rejected", "pending", "approved"], await StatusAsync(ids));
        var votes = (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/audit/entries?event=approval.voted")).GetProperty("items").GetRawText();
        Assert.Equal(2, votes.Split(result.GetProperty("bulk").GetString()!).Length - 1);
        Assert.Equal(2, System.Text.RegularExpressions.Regex.Count(votes, """bulk_size[^0-9a-z]*(u0022)?:4"""));
    }

    [Fact]
    public async Task Bulk_WhatIsNotTrulyAlike_DecidesNothing()
    {
        var note = await AskAsync("note.add", new { text = "n" });
        var other = await AskAsync("note.add", new { text = 3 });
        var (high, higher) = (await AskAsync("refund.create", new { amount = 1 }), await AskAsync("refund.create", new { amount = 2 }));
        Assert.Equal("bulk.not_alike", Code(await BulkAsync(new { verdict = "approve", items = Items(note, other) }, 422)));
        Assert.Equal("bulk.high_consequence", Code(await BulkAsync(new { verdict = "reject", reason = "no", items = Items(high, higher) }, 422)));
        Assert.Equal("bulk.high_consequence", Code(await BulkAsync(new { verdict = "approve", items = Items(note, high) }, 422)));
        Assert.Equal("bulk.too_many", Code(await BulkAsync(new { verdict = "approve", items = Enumerable.Range(0, 21).Select(i => new { id = "apr_" + i, version = 1 }) }, 422)));
        Assert.Equal("field.required", Code(await BulkAsync(new { verdict = "reject", items = Items(note) }, 400)));
        await BulkAsync(new { verdict = "edit", items = Items(note) }, 400);
        await BulkAsync(new { verdict = "approve", items = Items(note, note) }, 400);
        Assert.Equal(["pending", "pending", "pending", "pending"], await StatusAsync([note, other, high, higher]));
    }

    [Fact]
    public async Task Bulk_NeedsMoreThanThisPerson_IsRefusedForEach()
    {
        var two = await AskAsync("tag.set", new { tag = "vip" });
        Assert.Equal("bulk.quorum", (await BulkAsync(new { verdict = "approve", items = Items(two) })).GetProperty("items")[0].GetProperty("code").GetString());
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{two}/decision", new { verdict = "approve" });
        Assert.Equal(1, (await BulkAsync(new { verdict = "approve", items = new[] { new { id = two, version = 2 } } })).GetProperty("decided").GetInt32());
        var lees = await AskAsync("tag.drop", new { tag = "vip" });
        Assert.Equal("approval.not_decider", (await BulkAsync(new { verdict = "approve", items = Items(lees) })).GetProperty("items")[0].GetProperty("code").GetString());
        // Break-glass looks at one at a time.
        var glass = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/approvals/bulk", new { verdict = "approve", items = Items(lees) });
        Assert.Equal("approval.not_decider", glass.GetProperty("items")[0].GetProperty("code").GetString());
        var stranger = (await _host.PersonAsync("zoe@example.com", "member")).Item2;
        Assert.Equal("not_found", (await ConsoleHost.PostAsync(stranger, "/api/v1/approvals/bulk", new { verdict = "approve", items = Items(lees) })).GetProperty("items")[0].GetProperty("code").GetString());
        Assert.Equal(["approved", "pending"], await StatusAsync([two, lees]));
    }

    private async Task<string> AskAsync(string action, object arguments)
        => (await _spine.AskAsync(new { action, arguments, resource = new { type = "order", id = "8812" } }, 202)).GetProperty("approval").GetProperty("id").GetString()!;

    private Task<JsonElement> BulkAsync(object body, int expect = 200) => ConsoleHost.PostAsync(_spine.Dana, "/api/v1/approvals/bulk", body, expect);
    private static IEnumerable<object> Items(params string[] ids) => ids.Select(id => new { id, version = 1 });
    private static string Code(JsonElement problem) => problem.GetProperty("code").GetString()!;

    /// <summary>All pages of one row each.</summary>
    private async Task<List<string>> PagesAsync(string query, HttpClient? person = null)
    {
        List<string> ids = [];
        for (string? after = null; ;)
        {
            var page = await ConsoleHost.GetAsync(person ?? _spine.Dana, $"/api/v1/approvals?limit=1&{query}" + (after is null ? "" : "&after=" + after));
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            if (page.GetProperty("next").ValueKind == JsonValueKind.Null) return ids;
            after = page.GetProperty("next").GetString();
        }
    }

    private async Task<List<string>> StatusAsync(IEnumerable<string> ids)
    {
        List<string> all = [];
        foreach (var id in ids) all.Add((await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id)).GetProperty("status").GetString()!);
        return all;
    }
}
