using System.Text.Json;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority;

/// <summary>The matrices to start from keep the promise they make: complete, free of conflicts, and careful where there is no way back.</summary>
public sealed class WorkedMatricesTests
{
    public static TheoryData<string> Names => [.. WorkedMatrices.All.Select(w => w.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Analyse_WithItsOwnActions_FindsNothing(string name)
    {
        var worked = WorkedMatrices.Find(name)!;
        var analysis = MatrixAnalyser.Analyse(worked.Matrix, _ => ApproverStanding.Known, worked.Catalogue, worked.Examples);
        Assert.Empty(analysis.Errors.Concat(analysis.Warnings).Select(f => $"{f.Code} {f.Field}: {f.Message}"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_ShowWhatAMatrixCanSay(string name)
    {
        var (matrix, catalogue, approvers) = (WorkedMatrices.Find(name)!.Matrix, WorkedMatrices.Find(name)!.Catalogue, WorkedMatrices.Find(name)!.Approvers.Select(a => a.Placeholder).ToHashSet());
        Assert.InRange(matrix.Rules.Count, 10, 18);
        Assert.NotEmpty(matrix.Boundaries);
        Assert.Equal(MatrixWords.Classes.Order(), matrix.Rules.SelectMany(r => r.Classes).Distinct().Order());
        Assert.Contains(matrix.Rules, r => r is { Quorum: 2, Order: ApprovalOrder.Sequence });
        Assert.Contains(matrix.Rules, r => r.OnExpiry == OnExpiry.Escalate && r.EscalateTo.Count > 0);
        Assert.Contains(matrix.Rules, r => r.When.Count > 0 && r.Outcome == RuleOutcome.Approve);
        Assert.Contains(matrix.Rules, r => r.Window != MatrixRule.DefaultWindow);
        Assert.All(matrix.Rules.Where(r => r is { Outcome: RuleOutcome.Allow, Effect: Effect.Write }), r => Assert.True(r.Reversible, r.Id));   // alone only where there is a way back
        Assert.Superset(matrix.Rules.SelectMany(r => r.Approvers.Concat(r.EscalateTo)).Concat(catalogue.Actions.Select(a => a.Owner).OfType<string>()).ToHashSet(), approvers);
        Assert.All(catalogue.Actions, a => Assert.NotNull(a.ArgumentsSchema));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_AskOnlyForArgumentsThatTheCatalogueDescribes(string name)
    {
        var worked = WorkedMatrices.Find(name)!;
        foreach (var (action, field) in worked.Matrix.Rules.SelectMany(r => r.When.Select(c => (r.Action, c.Field))).Concat(worked.Matrix.Boundaries.SelectMany(b => b.When.Select(c => (b.Action, c.Field)))).Where(x => x.Field.StartsWith("arguments.", StringComparison.Ordinal)))
        {
            Assert.True(ActionPattern.TryParse(action, out var pattern));
            var covered = worked.Catalogue.Actions.Where(a => pattern.Covers(a.Action)).ToList();
            Assert.NotEmpty(covered);
            Assert.All(covered, a => Assert.True(a.ArgumentsSchema!.Value.GetProperty("properties").TryGetProperty(field[10..], out _), $"{action} asks for {field}, which {a.Action} does not describe"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Examples_AreCallsThatTheRegisterDescribes_AndEveryBoundaryHasOne(string name)
    {
        var worked = WorkedMatrices.Find(name)!;
        var policy = CompiledPolicy.Compile(worked.Matrix, 1);
        Assert.InRange(worked.Examples.Items.Count, 6, 10);
        var answers = worked.Examples.Items.Select(e => (Example: e, Answer: ExampleChecks.Answer(policy, e))).ToList();
        Assert.All(answers, a => Assert.Equal((a.Example.Name, a.Example.Expect), (a.Example.Name, a.Answer.Said)));
        Assert.All(worked.Matrix.Boundaries, b => Assert.Contains(answers, a => ReferenceEquals(a.Answer.Match.Boundary, b)));
        Assert.Equal(Enum.GetValues<RuleOutcome>().Order(), answers.Select(a => a.Answer.Said).Distinct().Order());
        Assert.DoesNotContain(answers, a => a.Answer.Match is { Boundary: null, Rule: null });   // the default is no answer to keep
        foreach (var example in worked.Examples.Items)
        {
            if (worked.Catalogue.Find(example.Call.GetProperty("action").GetString()!)?.ArgumentsSchema is { } schema) Assert.Empty(SchemaFit.Misfits(schema, example.Call.GetProperty("arguments")).Select(m => $"{example.Name}: {m}"));
        }
    }

    [Fact]
    public void Use_PutsTheConsolesOwnPeopleInPlace()
    {
        var worked = WorkedMatrices.Find("support")!;
        var mapping = worked.Approvers.ToDictionary(a => a.Placeholder, a => a.Placeholder == "group:finance" ? "user:fin@example.com" : "group:everybody");
        var (document, catalogue, examples) = WorkedMatrices.Use("support", mapping).Value;
        Assert.Equal(["group:everybody", "user:fin@example.com"], document.Rules.SelectMany(r => r.Approvers.Concat(r.EscalateTo)).Concat(catalogue.Actions.Select(a => a.Owner).OfType<string>()).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(worked.Matrix.Rules.Select(r => r.Id), document.Rules.Select(r => r.Id));
        Assert.Contains(worked.Sentences(p => mapping[p]), s => s.Contains("fin@example.com", StringComparison.Ordinal));
        Assert.True(MatrixJson.Parse(JsonElement.Parse(MatrixJson.ToJson(document))).Ok);
        Assert.Same(worked.Examples, examples);

        mapping.Remove("group:finance");
        Assert.Equal(("worked.approver", "group:finance"), (WorkedMatrices.Use("support", mapping).Fault!.Code, WorkedMatrices.Use("support", mapping).Fault!.Field));
        mapping["group:finance"] = "fin@example.com";
        Assert.Equal("worked.approver", WorkedMatrices.Use("support", mapping).Fault?.Code);
        Assert.Equal("not_found", WorkedMatrices.Use("legal", mapping).Fault?.Code);
    }
}
