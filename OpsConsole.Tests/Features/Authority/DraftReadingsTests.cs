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
        var (readings, state, rollout) = (new DraftReadings(), data.Writer.State, data.Writer.State.Rollouts[data.RolloutId]);
        var reads = 0;
        var examples = MatrixExamples.Empty;
        Task<Yardsticks> Read() { reads++; return Task.FromResult(new Yardsticks(ActionCatalogue.Parse(JsonElement.Parse("""[{"action":"refund.undo"}]""")).Value, examples, 1)); }
        var first = (await readings.OfAsync(new MatrixDraft(Matrix, 2, 1), rollout, state, Read)).Value;
        Assert.Equal("approver.unknown", Assert.Single(first.Analysis.Errors).Code);
        Assert.Same(first.Draft, readings.Known(rollout.Id, 2, 1, 1));

        Assert.Same(first, (await readings.OfAsync(first.Draft, rollout, state with { Epoch = state.Epoch + 1 }, Read)).Value);

        var invited = new PersonEntry("per_a", "a@example.com", "A", ConsoleRoles.Approver, false, true, "", FrozenSet<string>.Empty);
        var later = (await readings.OfAsync(first.Draft, rollout, state with { Directory = new PeopleDirectory([invited], [], [], []) }, Read)).Value;
        Assert.NotSame(first.Analysis, later.Analysis);
        Assert.Same(first.Document, later.Document);
        Assert.Empty(later.Analysis.Errors);

        var listed = (await readings.OfAsync(first.Draft with { CatalogueVersion = 2 }, rollout, state, Read)).Value;
        Assert.Equal((3, first.Document), (reads, listed.Document));
        Assert.Contains(listed.Analysis.Warnings, w => w.Code == "catalogue.no_rule");

        examples = MatrixExamples.Parse(JsonElement.Parse("""[{"id":"E-1","name":"small","call":{"action":"refund.create"},"expect":"deny"}]""")).Value;
        var exemplified = (await readings.OfAsync(first.Draft with { CatalogueVersion = 2, ExamplesVersion = 2 }, rollout, state, Read)).Value;
        Assert.Equal((4, first.Document), (reads, exemplified.Document));
        Assert.Contains(exemplified.Analysis.Errors, e => e.Code == "example.failed");
        Assert.Null(readings.Known(rollout.Id, 2, 2, 1));

        var saved = (await readings.OfAsync(new MatrixDraft("""{"rules":[]}""", 3, 2), rollout, state, Read)).Value;
        Assert.Empty(saved.Document.Rules);
        Assert.Null(readings.Known(rollout.Id, 2, 1, 1));
    }
}
