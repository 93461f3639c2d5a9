using System.Text.Json.Serialization;

namespace OpsConsole.Features.Workshop.Session;

public sealed record NamedView(string Id, string Name);

/// <summary>An item of the agenda.</summary>
/// <param name="Step">Null for the end.</param>
/// <param name="TakenSeconds">Up to when the clock was last stopped; while it runs, the time since <paramref name="RunningSince"/> is added.</param>
public sealed record ItemView(int Index, int? Step, string Title, int BoxSeconds, double TakenSeconds, DateTimeOffset? RunningSince);

/// <summary>A vote, 1 (not at all) to 5 (fully).</summary>
/// <param name="Cast">How many voted.</param>
/// <param name="Counts">How many gave 1, 2, 3, 4 and 5; null until it is revealed.</param>
/// <param name="Mine">What the reader gave; null once it is revealed: then nobody's is known any more.</param>
public sealed record BallotView(int Step, int Cast, bool Revealed, IReadOnlyList<int>? Counts, int? Mine);

public sealed record WrittenView(string PersonId, string Name, string Text);

/// <summary>A round of private writing.</summary>
/// <param name="Written">How many wrote something.</param>
/// <param name="Mine">What the reader wrote.</param>
/// <param name="Texts">Everybody's; null until it is revealed.</param>
public sealed record RoundView(string Question, int Written, bool Revealed, string? Mine, IReadOnlyList<WrittenView>? Texts)
{
    /// <summary>It was revealed and the room has moved on from the item at which it was asked.</summary>
    [JsonIgnore] public bool Passed { get; init; }
}

public sealed record GatheringView(int Number, string Path);

/// <summary>What the reader may do.</summary>
/// <param name="TakePart">Be ready, vote, write.</param>
public sealed record SessionRightsView(bool Steer, bool TakePart, bool TakeBack);

/// <summary>A session as one person may see it: nobody's single vote, and nobody else's private text before it is revealed.</summary>
/// <param name="At">The item at hand.</param>
/// <param name="Here">Who has a page of the rollout open.</param>
/// <param name="Rounds">Earlier rounds of private writing.</param>
/// <param name="Closing">What it ended with; null while it is open.</param>
public sealed record SessionView(string Id, string RolloutId, string RolloutName, string Code, NamedView Facilitator, NamedView OpenedBy, DateTimeOffset OpenedAt, DateTimeOffset? EndedAt, int At, IReadOnlyList<ItemView> Agenda,
    IReadOnlyList<NamedView> Here, IReadOnlyList<NamedView> Ready, IReadOnlyList<BallotView> Votes, GatheringView? Gathering, RoundView? Round, IReadOnlyList<RoundView> Rounds, SessionRightsView May, ClosingView? Closing)
{
    [JsonIgnore] public ItemView Now => Agenda[At];

    /// <summary>How many are asked to be ready: who is here, and who was ready and left.</summary>
    public int Asked => Here.Select(p => p.Id).Union(Ready.Select(p => p.Id)).Count();

    public BallotView VoteOn(int step) => Votes.FirstOrDefault(v => v.Step == step) ?? new BallotView(step, 0, false, null, null);
}

public sealed record ClosingOwnerView(string Role, NamedView? Holder, NamedView? Deputy);

/// <param name="Who">A name, or a role with who holds it; absent: nobody.</param>
public sealed record ClosingActionView(string Text, string? Who, string? Day, bool Done);

/// <param name="FromBefore">It stood there before the session was opened.</param>
public sealed record ClosingDecisionView(string Text, string Why, bool FromBefore);

public sealed record ClosingParkingView(string Text, string Where);

/// <param name="Field">Where it is written, as worksheets call it; absent: among the people of the rollout.</param>
public sealed record ClosingGapView(string Text, string? Field);

/// <summary>What a session leaves behind.</summary>
public sealed record ClosingView(string Workflow, IReadOnlyList<string> InScope, IReadOnlyList<string> OutOfBounds, IReadOnlyList<ClosingOwnerView> Owners, IReadOnlyList<ClosingDecisionView> Decisions, IReadOnlyList<ClosingActionView> Actions,
    IReadOnlyList<ClosingParkingView> Parking, IReadOnlyList<ClosingGapView> Missing);

/// <summary>A session in a list.</summary>
public sealed record SessionLine(string Id, DateTimeOffset OpenedAt, DateTimeOffset? EndedAt, NamedView Facilitator);

/// <summary>What the page of a session shows.</summary>
/// <param name="Open">Null when no session is open.</param>
/// <param name="Members">Who may be handed the session.</param>
public sealed record SessionPageView(string RolloutName, bool MayOpen, SessionView? Open, IReadOnlyList<SessionLine> Past, IReadOnlyList<NamedView> Members);

/// <summary>Where a code leads.</summary>
public sealed record JoinView(string Rollout, string Session, string Path);
