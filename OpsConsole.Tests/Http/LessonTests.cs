using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>What a review leaves behind in the console: an action that becomes an eval case, a row of the matrix's draft, a better runbook; and links that turn out later.</summary>
public sealed class LessonTests : IncidentFixture
{
    private string Draft => $"/api/v1/rollouts/{Spine.Rollout}/matrix";

    private async Task<(string Incident, string Action, string Decision)> LearnedAsync(int amount = 42)
    {
        var asked = await Spine.RefundAsync(amount);
        var id = await OpenAsync("sev2", row: Rows[0], decisions: [Spine.Id(asked)]);
        var review = await DoAsync(id, "review/actions", new { text = "Refunds of damaged goods need a look", owner = "dana@example.com", due_on = "2040-01-20" });
        return (id, Word(review.GetProperty("actions")[0], "id"), Spine.Id(asked));
    }

    private async Task<JsonElement[]> LessonsAsync(string id) => [.. (await ReviewAsync(id)).GetProperty("actions")[0].GetProperty("lessons").EnumerateArray()];

    [Fact]
    public async Task EvalCase_OfADecisionThatWasAllowed_IsKeptOnce_SaysWhatIsExpected_AndCanBeMadeAnewAfterItWasRemoved()
    {
        var (id, action, decision) = await LearnedAsync();
        await DoAsync(id, $"review/actions/{action}/eval_case", new { decision, expected = "approve", category = "edge_case", reason = "The photo showed another parcel" });
        await DoAsync(id, $"review/actions/{action}/eval_case", new { decision, expected = "deny", category = "refusal", reason = "again" });   // it is kept already, and stays what it is
        var kept = Assert.Single((await GetAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/eval_cases")).GetProperty("items").EnumerateArray());
        Assert.Equal(("refund.create", "approve", "edge_case", "The photo showed another parcel", id, decision), (Word(kept, "action"), Word(kept, "expected"), Word(kept, "category"), Word(kept, "reason"), Word(kept, "incident_id"), Word(kept, "decision_id")));
        Assert.Equal(42, kept.GetProperty("arguments").GetProperty("amount").GetInt32());
        Assert.False(kept.TryGetProperty("approval_id", out var request) && request.ValueKind != JsonValueKind.Null);
        var lesson = Assert.Single(await LessonsAsync(id));
        Assert.Equal(("eval_case", Word(kept, "id")), (Word(lesson, "kind"), Word(lesson, "reference")));
        Assert.Single(await LinesAsync(id, "action"), l => l.Contains("eval case", StringComparison.Ordinal));

        await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/eval_cases/{Word(kept, "id")}/remove", new { reason = "wrong category" }, 204);
        await DoAsync(id, $"review/actions/{action}/eval_case", new { decision, reason = "as it should be" });
        Assert.Equal("deny", Word(Assert.Single((await GetAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/eval_cases")).GetProperty("items").EnumerateArray()), "expected"));
    }

    [Fact]
    public async Task EvalCase_OfADecisionThatTheIncidentIsNotAbout_IsRefused_UntilItIsLinked()
    {
        var (id, action, _) = await LearnedAsync();
        var other = Spine.Id(await Spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "7" }, arguments = new { amount = 7 }, run_id = "run-9" }));
        Assert.Equal("decision.not_linked", Code(await DoAsync(id, $"review/actions/{action}/eval_case", new { decision = other, reason = "x" }, 422)));
        Assert.Equal("decision.unknown", Code(await DoAsync(id, "links", new { kind = "decision", id = "dec_none" }, 422)));
        Assert.Equal("run.unknown", Code(await DoAsync(id, "links", new { kind = "run", id = "run-10" }, 422)));
        Assert.Equal("field.invalid", Code(await DoAsync(id, "links", new { kind = "agent", id = "x" }, 400)));
        await DoAsync(id, "links", new { kind = "run", id = "run-9" });
        await DoAsync(id, "links", new { kind = "run", id = "run-9" });
        Assert.Equal([other, .. (await StoryAsync(id)).GetProperty("links").EnumerateArray().Where(l => Word(l, "kind") == "decision").Select(l => Word(l, "id"))],
            (await GetAsync(Host.Admin, $"/api/v1/incidents/{id}/review/lessons")).GetProperty("sources").EnumerateArray().Select(s => Word(s, "decision_id")));
        await DoAsync(id, $"review/actions/{action}/eval_case", new { decision = other, reason = "x" });
        await DoAsync(id, "links/remove", new { kind = "run", id = "run-9" });
        Assert.Equal(["Linked: run run-9", "No longer linked: run run-9"], await LinesAsync(id, "linked"));
        await DoAsync(id, "links", new { kind = "run", id = "run-9" }, 404, Xeno);
    }

    [Fact]
    public async Task Rule_FromADecision_StandsInTheDraft_NamesItsSource_AndTheActionRemembersIt()
    {
        var (id, action, decision) = await LearnedAsync();
        await DoAsync(id, $"review/actions/{action}/rule", new { decision, outcome = "deny", when = new[] { new { field = "arguments.amount", op = "<=", value = 42 } }, why = "no more of these" });
        var lesson = Assert.Single(await LessonsAsync(id));
        var row = (await GetAsync(Host.Admin, Draft)).GetProperty("rules").EnumerateArray().Single(r => Word(r, "id") == Word(lesson, "reference"));
        Assert.Equal(("rule", "refund.create", "deny", $"proposed from {decision}: no more of these"), (Word(lesson, "kind"), Word(row, "action"), Word(row, "outcome"), Word(row, "note")));
        Assert.Equal("order", row.GetProperty("resource").ValueKind == JsonValueKind.String ? Word(row, "resource") : Word(row.GetProperty("resource"), "type"));
        // Dana has the action to do and is no editor of the matrix: the right is that of the matrix.
        await DoAsync(id, $"review/actions/{action}/rule", new { decision, outcome = "allow" }, 403, Spine.Dana);
        Assert.Equal(400, (int)(await Spine.Dana.PostAsync($"/api/v1/incidents/{id}/review/actions/{action}/rule", System.Net.Http.Json.JsonContent.Create(new { decision, outcome = "sometimes" }))).StatusCode);
    }

    [Fact]
    public async Task Runbook_Response_IsChangedInTheWorksheet_AndNotOverWhatSomebodyElseWrote()
    {
        var (id, action, _) = await LearnedAsync();
        var sources = await GetAsync(Host.Admin, $"/api/v1/incidents/{id}/review/lessons");
        var (row, was) = (Word(sources, "row"), Word(sources.GetProperty("runbook")[0], "response"));
        Assert.Equal(Rows[0], row);
        await DoAsync(id, $"review/actions/{action}/runbook", new { row, response = was + "\nLook at the photo", was });
        Assert.Equal("runbook.stale", Code(await DoAsync(id, $"review/actions/{action}/runbook", new { row, response = "mine", was }, 412)));
        await DoAsync(id, $"review/actions/{action}/runbook", new { scenario = "A photo shows something else", response = "Ask the customer for another" });
        var rows = (await GetAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/worksheets/escalation")).GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal((Rows.Count + 1, was + "\nLook at the photo", "A photo shows something else", "Ask the customer for another"), (rows.Count, Field(rows[0], "response"), Field(rows[^1], "scenario"), Field(rows[^1], "response")));
        Assert.Equal(["runbook", "runbook"], (await LessonsAsync(id)).Select(l => Word(l, "kind")));
        Assert.Equal("row.unknown", Code(await DoAsync(id, $"review/actions/{action}/runbook", new { row = "nowhere", response = "x" }, 422)));
        await DoAsync(id, $"review/actions/{action}/runbook", new { row, response = "x" }, 404, Xeno);

        static string? Field(JsonElement row, string name) => Word(row.GetProperty("fields").EnumerateArray().Single(f => Word(f, "name") == name), "value");
    }
}
