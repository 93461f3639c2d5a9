using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>Where the analyser's samples end: what it cannot show it must not deny.</summary>
public sealed class AnalyserLimitsTests
{
    private const string Dana = "\"approvers\":[\"user:dana@example.com\"]";

    private static MatrixAnalysis Analyse(string rules) => MatrixAnalyser.Analyse(MatrixJson.Parse(JsonElement.Parse($$"""{"rules":[{{rules}}]}""")).Value, _ => ApproverStanding.Known, ActionCatalogue.Empty);

    private static string Rule(string id, string outcome, string when, string more = "") => $$"""{"id":"{{id}}","action":"x","outcome":"{{outcome}}","consequence":"high",{{Dana}},"when":[{{when}}]{{more}}}""";

    private static string When(string field, string op, object value, string more = "") => $$"""{"field":"{{field}}","op":"{{op}}","value":{{JsonSerializer.Serialize(value)}}{{more}}}""";

    private static IEnumerable<string> Told(MatrixAnalysis analysis, string rule) => analysis.Errors.Concat(analysis.Warnings).Where(f => f.Rule == rule).Select(f => f.Code);

    [Theory]
    [InlineData(1e15)]
    [InlineData(9e15)]
    public void A_huge_number_of_tokens_is_a_number_like_any_other(double limit)
    {
        var analysis = Analyse(Rule("R-1", "allow", When("expected_cost.tokens", "<", limit)) + "," + Rule("R-2", "deny", When("expected_cost.tokens", ">=", limit)));
        Assert.Empty(analysis.Errors);
    }

    [Fact]
    public void Long_values_that_begin_alike_are_different_values()
    {
        var path = "/" + new string('p', 90);
        var analysis = Analyse(Rule("R-1", "allow", When("arguments.paths", "starts_with", path + "/a", ",\"each\":\"any\"")) + "," + Rule("R-2", "deny", When("arguments.paths", "starts_with", path + "/b", ",\"each\":\"any\"")));
        Assert.Contains(analysis.Errors.Concat(analysis.Warnings), f => f.Code is "rule.overlap" or "rule.hidden_stricter" or "analysis.cannot_tell");
        var both = Analyse(Rule("R-1", "deny", When("arguments.paths", "starts_with", path + "/a", ",\"each\":\"any\"") + "," + When("arguments.paths", "starts_with", path + "/b", ",\"each\":\"any\"")));
        Assert.DoesNotContain("rule.dead", Told(both, "R-1"));
    }

    [Fact]
    public void The_last_of_eight_prefixes_is_looked_at()
    {
        var rules = Enumerable.Range(1, 8).Select(i => Rule($"R-{i}", "allow", When("arguments.id", "starts_with", $"p{i}")));
        var analysis = Analyse(string.Join(',', rules) + "," + Rule("R-9", "deny", When("arguments.id", "starts_with", "p8") + "," + When("arguments.id", "!=", "p8")));
        Assert.Contains("rule.hidden_stricter", Told(analysis, "R-9"));
    }

    [Fact]
    public void A_row_that_holds_back_what_it_cannot_read_is_not_dead_because_an_allow_row_has_the_same_pattern()
    {
        var rules = Rule("R-0", "deny", When("arguments.to", "=", "zzz")) + "," + Rule("R-1", "allow", When("arguments.to", "matches", "^a")) + "," + Rule("R-2", "deny", When("arguments.to", "matches", "^a"));
        var policy = CompiledPolicy.Compile(MatrixJson.Parse(JsonElement.Parse($$"""{"rules":[{{rules}}]}""")).Value, 1);
        Assert.Equal("R-2", policy.Evaluate(new PolicyCall { Action = "x", Arguments = JsonSerializer.SerializeToElement(new { to = new string('a', 2_000) }) }).Rule?.Id);
        Assert.DoesNotContain("rule.dead", Told(Analyse(rules), "R-2"));
    }

    [Fact]
    public void Overlaps_that_are_not_looked_for_are_not_passed_over_in_silence()
    {
        var rules = Enumerable.Range(1, 6).Select(i => Rule($"R-{i}", "allow", When($"arguments.a{i}", ">", 1)));
        var told = Told(Analyse(string.Join(',', rules) + "," + Rule("R-9", "approve", When("arguments.b", ">", 1))), "R-9").ToList();
        Assert.Equal(3, told.Count(c => c == "rule.overlap") + told.Count(c => c == "rule.hidden_stricter"));
        Assert.Contains("analysis.cannot_tell", told);
    }

    /// <summary>Once patterns have cost what they may, what they say of further samples is unknown: a row that holds back may match all of them, and none of them for certain.</summary>
    [Theory]
    [InlineData(1_000_000, true)]
    [InlineData(0, false)]
    public void Patterns_that_cost_too_much_are_unknown(int work, bool known)
    {
        var row = new CompiledRow(0, MatrixJson.Parse(JsonElement.Parse($$"""{"rules":[{{Rule("R-1", "deny", When("arguments.to", "matches", "^[a-z]+$"))}}]}""")).Value.Rules[0]);
        var space = new ConditionSpace([row], new WorkBudget(work));
        var side = Assert.Single(space.BoxOf(row).Sides);
        Assert.Equal(known, !BitSet.IsEmpty(side.Certain));
        Assert.Equal(!known, Enumerable.Range(0, space.Dimensions[0].Values.Count).All(i => BitSet.Has(side.Matched, i)));
    }
}
