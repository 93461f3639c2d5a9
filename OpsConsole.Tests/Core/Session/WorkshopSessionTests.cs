using OpsConsole.Core.Access;
using OpsConsole.Core.Session;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Tests.Core.Session;

public sealed class WorkshopSessionTests
{
    private static readonly DateTimeOffset Began = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private static readonly SessionClosing Empty = SessionClosing.Of(s => Worksheet.Of(s, new List<Patch>()), [], Began);

    private static WorkshopSession Session() => new("ses_1", "rol_1", "K7M2QX", "ada", Began, Agenda.Usual);

    [Fact]
    public void TheUsualAgenda_TakesTwoHours() => Assert.Equal(TimeSpan.FromHours(2), Agenda.Usual.Aggregate(TimeSpan.Zero, (sum, i) => sum + i.Box));

    [Fact]
    public void GoTo_TheClockGoesAlong_AndNobodyIsReadyAnyMore()
    {
        var session = Session();
        session.Clock(true, Began);
        session.SetReady("ben", true);
        session.GoTo(1, Began.AddMinutes(20));
        Assert.Equal(TimeSpan.FromMinutes(20), session.Board.Timers[0].Taken(Began.AddHours(1)));
        Assert.Equal(TimeSpan.FromMinutes(5), session.Board.Timer.Taken(Began.AddMinutes(25)));
        Assert.Empty(session.Board.Ready);
        session.Clock(false, Began.AddMinutes(25));
        session.GoTo(0, Began.AddMinutes(30));
        Assert.Equal(TimeSpan.FromMinutes(20), session.Board.Timer.Taken(Began.AddHours(1)));
    }

    [Fact]
    public void Votes_AreCountedWhenRevealed_AndWhoGaveWhichIsForgotten()
    {
        var session = Session();
        Assert.Equal("vote.range", session.Vote(1, "ada", 6).Fault!.Code);
        session.Vote(1, "ada", 5);
        session.Vote(1, "ben", 2);
        Assert.Equal("vote.too_few", session.Reveal(1).Fault!.Code);
        session.Vote(1, "cleo", 4);
        session.Vote(1, "ben", 4);
        Assert.Equal((3, false), (session.BallotOf(1).Cast, session.BallotOf(1).Revealed));
        session.Reveal(1);
        Assert.Equal([0, 0, 0, 2, 1], session.BallotOf(1).Counts);
        Assert.Empty(session.BallotOf(1).Votes);
        Assert.Equal("vote.revealed", session.Vote(1, "ada", 1).Fault!.Code);
        session.VoteAgain(1);
        Assert.Equal(0, session.BallotOf(1).Cast);
    }

    [Fact]
    public void PrivateWriting_IsOneRoundAtATime()
    {
        var session = Session();
        Assert.Equal("round.closed", session.Write("ada", "x").Fault!.Code);
        session.Ask("What would go wrong first?", null);
        Assert.Equal("round.open", session.Ask("And then?", null).Fault!.Code);
        session.Write("ada", "the wrong customer");
        session.Write("ben", "typo");
        session.Write("ben", "");
        session.RevealRound();
        Assert.Equal(["ada"], session.Board.Round!.Texts.Keys);
        Assert.True(session.Ask("And then?", null).Ok);
        Assert.Equal("What would go wrong first?", Assert.Single(session.Board.Past).Question);
    }

    [Fact]
    public void End_WhatWasNotRevealed_IsForgotten()
    {
        var session = Session();
        session.Ask("First?", null);
        session.Write("ada", "kept");
        session.RevealRound();
        session.Ask("Second?", null);
        session.Write("ada", "promised to stay private");
        session.Vote(1, "ada", 5);
        session.End(Began.AddHours(1), Empty);
        Assert.Equal("First?", session.Board.Round!.Question);
        Assert.Empty(session.Board.Past);
        Assert.Empty(session.Board.Ballots);
    }

    [Fact]
    public void WhatChangesNothing_LeavesTheVersion()
    {
        var session = Session();
        session.SetReady("ada", true);
        var before = session.Version;
        session.SetReady("ada", true);
        session.Clock(false, Began);
        session.GoTo(0, Began);
        session.HandOver("ada");
        Assert.Equal(before, session.Version);
        session.Ask("First?", null);
        session.Write("ada", "a word");
        (before, _) = (session.Version, session.Write("ada", "a word"));
        session.Write("ben", "");
        Assert.Equal(before, session.Version);
    }

    [Theory]
    [InlineData("/rollouts/rol_1", true)]
    [InlineData("/rollouts/rol_1/worksheets/canvas#f-canvas-workflow", true)]
    [InlineData("/rollouts/rol_1/matrix/versions?from=in-force&to=draft", true)]
    [InlineData("/rollouts/rol_12", false)]
    [InlineData("/rollouts/rol_2", false)]
    [InlineData("/approvals", false)]
    [InlineData("//evil.example/rollouts/rol_1", false)]
    [InlineData("https://evil.example/rollouts/rol_1", false)]
    [InlineData("/rollouts/rol_1/../rol_2", false)]
    [InlineData("/rollouts/rol_1/worksheets/canvas?thread=canvas%2Fworkflow", true)]
    [InlineData("/rollouts/rol_1/%2e%2e/%2e%2e/join/K7M2QX", false)]
    [InlineData("/rollouts/rol_1/%2E%2E%2Frol_2?x=1", false)]
    [InlineData("/rollouts/rol_1//evil.example", false)]
    [InlineData("/rollouts/rol_1\\evil", false)]
    [InlineData("/rollouts/rol_1/x\ny", false)]
    public void Gathering_IsInside_OnlyPagesOfTheRollout(string path, bool inside) => Assert.Equal(inside, Gathering.IsInside("rol_1", path));

    [Theory]
    [InlineData("k7m 2qx", "K7M2QX")]
    [InlineData(" K7M-2QX ", "K7M2QX")]
    [InlineData("K7M2Q", null)]
    [InlineData("K7M2Q0", null)]
    [InlineData("K7M2Q1", null)]
    [InlineData("", null)]
    public void Code_Normalise_TakesWhatPeopleType(string typed, string? code) => Assert.Equal(code, SessionCode.Normalise(typed));

    [Fact]
    public void Closing_SaysWhatIsMissing()
    {
        Patch[] patches =
        [
            Text("canvas/workflow", "Refunds"), Text("canvas/in_scope", "Read orders\n\nDraft, then send"), Text("decisions/d1/place", "2"), Text("decisions/d1/text", "Under 200 EUR only"),
            Text("actions/a1/place", "2"), Text("actions/a1/text", "Rehearse"), Text("actions/a1/who", "role:incident_owner"), Text("actions/a1/day", "soon"), Text("parking/p1/place", "2"), Text("parking/p1/text", "Italian?"),
            Text("actions/a2/place", ""), Text("actions/a2/text", "Taken out"),
        ];
        var closing = SessionClosing.Of(s => Worksheet.Of(s, patches.Where(p => p.Field.Sheet == s)), [("ada", RolloutRole.RolloutOwner, false), ("ben", RolloutRole.RolloutOwner, true), ("cleo", RolloutRole.WorkflowOwner, false)], Began);
        Assert.Equal(["Read orders", "Draft, then send"], closing.InScope);
        Assert.Equal(new ClosingOwner(RolloutRole.RolloutOwner, "ada", "ben"), closing.Owners[0]);
        Assert.Equal(new ClosingAction("Rehearse", "role:incident_owner", "soon", false), Assert.Single(closing.Actions));
        Assert.Equal(
        [
            new("Nothing is written under out of bounds.", "canvas/out_of_bounds"), new("Nobody stands in for the workflow owner.", null), new("Nobody is the incident owner.", null),
            new("“Rehearse” has no day.", "actions/a1/day"), new ClosingGap("1 item of the parking lot goes nowhere yet.", "parking/p1/where"),
        ], closing.Missing);
        static Patch Text(string field, string value) => new("rol_1", "patch-" + field.Replace('/', '-'), FieldKey.Parse(field)!.Value, [], value, "ada", Began);
    }

    [Fact]
    public void Closing_SaysWhichDecisionsStoodThereBefore()
    {
        Patch[] patches = [Text("d1", "place", "2", 0), Text("d1", "text", "Old", 0), Text("d1", "why", "said now", 9), Text("d2", "place", "3", 6), Text("d2", "text", "New", 6)];
        var closing = SessionClosing.Of(s => Worksheet.Of(s, patches.Where(p => p.Field.Sheet == s)), [], Began.AddMinutes(5));
        Assert.Equal([new("Old", "said now", true), new ClosingDecision("New", "", false)], closing.Decisions);
        static Patch Text(string row, string field, string value, int minute) => new("rol_1", $"patch-{row}-{field}", new FieldKey("decisions", row, field), [], value, "ada", Began.AddMinutes(minute));
    }

    [Fact]
    public void Gather_CountsUp_SoThatNobodyIsMovedTwice()
    {
        var session = Session();
        session.Gather("canvas");
        session.Gather("canvas");
        Assert.Equal(new Gathering(2, "canvas"), session.Board.Gathering);
    }

    [Fact]
    public void Ended_NothingMovesAnyMore()
    {
        var session = Session();
        session.Clock(true, Began);
        session.End(Began.AddHours(2), Empty);
        Func<OpsConsole.Core.Shared.Fault?>[] acts =
            [() => session.GoTo(1, Began).Fault, () => session.Clock(true, Began).Fault, () => session.Vote(1, "a", 1).Fault, () => session.SetReady("a", true).Fault, () => session.HandOver("b").Fault, () => session.Gather("x").Fault, () => session.Ask("q", null).Fault, () => session.SetBox(0, TimeSpan.FromMinutes(5)).Fault, () => session.End(Began, Empty).Fault];
        Assert.All(acts, act => Assert.Equal("session.ended", act()!.Code));
        Assert.Equal(TimeSpan.FromHours(2), session.Board.Timer.Taken(Began.AddHours(9)));
    }
}
