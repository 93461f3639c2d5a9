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
    public async Task Of_SameDraft_IsAnalysedAgainOnlyWhenAnApproverStandsDifferentlyOrTheCatalogueMoved()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        var (readings, state, rollout) = (new DraftReadings(), data.Writer.State, data.Writer.State.Rollouts[data.RolloutId]);
        var reads = 0;
        Task<ActionCatalogue> Catalogue() { reads++; return Task.FromResult(ActionCatalogue.Parse(JsonElement.Parse("""[{"action":"refund.undo"}]""")).Value); }
        var first = (await readings.OfAsync(new MatrixDraft(Matrix, 2, 1), rollout, state, Catalogue)).Value;
        Assert.Equal("approver.unknown", Assert.Single(first.Analysis.Errors).Code);
        Assert.Same(first.Draft, readings.Known(rollout.Id, 2, 1));

        Assert.Same(first, (await readings.OfAsync(first.Draft, rollout, state with { Epoch = state.Epoch + 1 }, Catalogue)).Value);

        var invited = new PersonEntry("per_a", "a@example.com", "A", ConsoleRoles.Approver, false, true, "", FrozenSet<string>.Empty);
        var later = (await readings.OfAsync(first.Draft, rollout, state with { Directory = new PeopleDirectory([invited], [], [], []) }, Catalogue)).Value;
        Assert.NotSame(first.Analysis, later.Analysis);
        Assert.Same(first.Document, later.Document);
        Assert.Empty(later.Analysis.Errors);

        var listed = (await readings.OfAsync(first.Draft with { CatalogueVersion = 2 }, rollout, state, Catalogue)).Value;
        Assert.Equal((3, first.Document), (reads, listed.Document));
        Assert.Contains(listed.Analysis.Warnings, w => w.Code == "catalogue.no_rule");

        var saved = (await readings.OfAsync(new MatrixDraft("""{"rules":[]}""", 3, 2), rollout, state, Catalogue)).Value;
        Assert.Empty(saved.Document.Rules);
        Assert.Null(readings.Known(rollout.Id, 2, 1));
    }
}
