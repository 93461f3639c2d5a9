using System.Collections.Frozen;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority;

public sealed class DraftReadingsTests
{
    private const string Matrix = """{"rules":[{"id":"R","action":"refund.create","outcome":"approve","approvers":["user:a@example.com"]}]}""";

    [Fact]
    public async Task Of_SameDraft_IsAnalysedAgainOnlyWhenAnApproverStandsDifferentlyOrTheYardsticksMoved()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        using var turns = new AnalysisTurns();
        var (readings, state, rollout) = (new DraftReadings(turns), data.Writer.State, data.Writer.State.Rollouts[data.RolloutId]);
        var reads = 0;
        var examples = MatrixExamples.Empty;
        Task<Yardsticks> Read() { reads++; return Task.FromResult(new Yardsticks(ActionCatalogue.Parse(JsonElement.Parse("""[{"action":"refund.undo"}]""")).Value, examples, 1)); }
        var first = (await readings.OfAsync(new MatrixDraft(Matrix, 2, 1), rollout, state, Read, null, default)).Value;
        Assert.Equal("approver.unknown", Assert.Single(first.Analysis.Errors).Code);
        Assert.Same(first.Draft, readings.Known(rollout.Id, 2, 1, 1));

        Assert.Same(first, (await readings.OfAsync(first.Draft, rollout, state with { Epoch = state.Epoch + 1 }, Read, null, default)).Value);

        var invited = new PersonEntry("per_a", "a@example.com", "A", ConsoleRoles.Approver, false, true, "", FrozenSet<string>.Empty);
        var later = (await readings.OfAsync(first.Draft, rollout, state with { Directory = new PeopleDirectory([invited], [], [], []) }, Read, null, default)).Value;
        Assert.NotSame(first.Analysis, later.Analysis);
        Assert.Same(first.Document, later.Document);
        Assert.Empty(later.Analysis.Errors);

        var listed = (await readings.OfAsync(first.Draft with { CatalogueVersion = 2 }, rollout, state, Read, null, default)).Value;
        Assert.Equal((3, first.Document), (reads, listed.Document));
        Assert.Contains(listed.Analysis.Warnings, w => w.Code == "catalogue.no_rule");

        examples = MatrixExamples.Parse(JsonElement.Parse("""[{"id":"E-1","name":"small","call":{"action":"refund.create"},"expect":"deny"}]""")).Value;
        var exemplified = (await readings.OfAsync(first.Draft with { CatalogueVersion = 2, ExamplesVersion = 2 }, rollout, state, Read, null, default)).Value;
        Assert.Equal((4, first.Document), (reads, exemplified.Document));
        Assert.Contains(exemplified.Analysis.Errors, e => e.Code == "example.failed");
        Assert.Null(readings.Known(rollout.Id, 2, 2, 1));

        // Two that wait for the last turn read once.
        using var end = new ManualResetEventSlim();
        var others = Enumerable.Range(1, AnalysisTurns.AtOnce - 1).Select(_ => turns.RunAsync(() => { end.Wait(); return 0; }, TimeSpan.Zero, default)).ToArray();
        var again = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => readings.OfAsync(first.Draft with { CatalogueVersion = 3 }, rollout, state, Read, null, default))));
        Assert.Same(again[0].Value, again[1].Value);
        end.Set();
        await Task.WhenAll(others);

        var saved = (await readings.OfAsync(new MatrixDraft("""{"rules":[]}""", 3, 2), rollout, state, Read, null, default)).Value;
        Assert.Empty(saved.Document.Rules);
        Assert.Null(readings.Known(rollout.Id, 2, 1, 1));
    }
}
