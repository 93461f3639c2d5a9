using System.Collections.Frozen;
using OpsConsole.Core.Access;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority;

public sealed class DraftReadingsTests
{
    private const string Matrix = """{"rules":[{"id":"R","action":"refund.create","outcome":"approve","approvers":["user:a@example.com"]}]}""";

    [Fact]
    public async Task Of_SameDraft_IsAnalysedAgainOnlyWhenAnApproverStandsDifferently()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        var (readings, state, rollout) = (new DraftReadings(), data.Writer.State, data.Writer.State.Rollouts[data.RolloutId]);
        var first = readings.Of(new MatrixDraft(Matrix, 2), rollout, state).Value;
        Assert.Equal("approver.unknown", Assert.Single(first.Analysis.Errors).Code);
        Assert.Same(first.Draft, readings.Known(rollout.Id, 2));

        Assert.Same(first, readings.Of(first.Draft, rollout, state with { Epoch = state.Epoch + 1 }).Value);

        var invited = new PersonEntry("per_a", "a@example.com", "A", ConsoleRoles.Approver, false, true, "", FrozenSet<string>.Empty);
        var later = readings.Of(first.Draft, rollout, state with { Directory = new PeopleDirectory([invited], [], [], []) }).Value;
        Assert.NotSame(first.Analysis, later.Analysis);
        Assert.Same(first.Document, later.Document);
        Assert.Empty(later.Analysis.Errors);

        var saved = readings.Of(new MatrixDraft("""{"rules":[]}""", 3), rollout, state).Value;
        Assert.Empty(saved.Document.Rules);
        Assert.Null(readings.Known(rollout.Id, 2));
    }
}
