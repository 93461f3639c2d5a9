using System.Collections.Frozen;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Incidents;

/// <summary>States, times and escalation of an incident, by a clock moved by hand.</summary>
public sealed class IncidentTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    [Fact]
    public void Escalation_OwnerDeputyOwnersSponsor_ThenTheLastAgain()
    {
        var incident = Opened();
        List<string> told = [];
        for (var (now, i) = (Noon, 0); i < 6; (now, i) = (now + Quarter, i + 1))
        {
            Assert.Null(i == 0 ? null : Due(incident, now - TimeSpan.FromSeconds(1)));
            told.Add(Step(incident, now));
        }
        Assert.Equal(["0 ida", "1 dana", "2 ida rob", "3 sue ada", "3 sue ada again", "3 sue ada again"], told);
        Assert.Equal((Noon, Noon + (6 * Quarter)), (incident.RoutedAt, incident.NextAt));
    }

    [Fact]
    public void Escalation_AfterAStandstill_GoesOnStepByStep()
    {
        var incident = Opened();
        Step(incident, Noon);
        var late = Noon.AddHours(9);
        Assert.Equal("1 dana", Step(incident, late));
        Assert.Null(Due(incident, late));
        Assert.Equal(late + Quarter, incident.NextAt);
    }

    [Fact]
    public void Escalation_ClockPutBack_NobodyWaitsLonger()
    {
        var incident = Opened();
        Step(incident, Noon);
        Assert.Equal("0 ida again", Step(incident, Noon.AddHours(-3)));
        Assert.Equal(Noon.AddHours(-3) + Quarter, incident.NextAt);
    }

    [Fact]
    public void Escalation_LevelsWithoutAnybody_AreLeftOut_AndTheAbsentHaveTheirStandIn()
    {
        var incident = Opened();
        Assert.Equal("2 rob", Step(incident, Noon, Directory("ida", "dana")));
        Assert.Equal("0 ida lea", Step(Opened(), Noon, Directory(absences: new AbsenceEntry("ida", Noon.AddDays(-1), Noon.AddDays(1), "lea"))));
    }

    [Theory]
    [InlineData("2026-03-04", 3, "2026-03-09")]   // Wednesday
    [InlineData("2026-03-06", 3, "2026-03-11")]   // Friday
    [InlineData("2026-03-07", 1, "2026-03-09")]   // Saturday
    [InlineData("2026-12-31", 5, "2027-01-07")]
    public void ReviewDue_CountsWorkingDays(string resolved, int days, string due)
        => Assert.Equal(DateOnly.Parse(due, System.Globalization.CultureInfo.InvariantCulture), IncidentReview.Due(DateOnly.Parse(resolved, System.Globalization.CultureInfo.InvariantCulture), days));

    [Fact]
    public void Acknowledged_IsOwnedAndQuiet_LetGo_GoesOnAtOnce()
    {
        var incident = Opened();
        Step(incident, Noon);
        Assert.True(IncidentRules.Acknowledge(incident, "ida", Noon.AddMinutes(4)).Ok);
        Assert.Equal((IncidentStatus.Active, "ida", TimeSpan.FromMinutes(4)), (incident.Status, incident.OwnerId, incident.Times.ToAcknowledge));
        Assert.Null(Due(incident, Noon.AddDays(3)));
        Assert.True(IncidentRules.LetGo(incident).Ok);
        Assert.Equal("incident.nobodys", IncidentRules.LetGo(incident).Fault!.Code);
        Assert.Equal("1 dana", Step(incident, Noon.AddHours(1)));
        Assert.True(IncidentRules.Acknowledge(incident, "dana", Noon.AddHours(2)).Ok);
        Assert.Equal(TimeSpan.FromMinutes(4), incident.Times.ToAcknowledge);   // the first time counts
    }

    [Fact]
    public void Silence_ForTwiceTheRhythm_CountsAsLetGo()
    {
        var incident = Opened();
        IncidentRules.Acknowledge(incident, "ida", Noon);
        incident.Updated(Noon);
        Assert.False(IncidentRules.Silent(incident, Noon.AddMinutes(119)));
        Assert.True(IncidentRules.Silent(incident, Noon.AddMinutes(120)));
        incident.Updated(Noon.AddMinutes(119));
        Assert.False(IncidentRules.Silent(incident, Noon.AddMinutes(120)));
        IncidentRules.Move(incident, IncidentStatus.Resolved, Noon.AddMinutes(121));
        Assert.False(IncidentRules.Silent(incident, Noon.AddDays(9)));
    }

    [Fact]
    public void OpenedAgain_WhoeverHasIt_IsHeardOfAgain()
    {
        var incident = Opened();
        IncidentRules.Acknowledge(incident, "ida", Noon);
        IncidentRules.Move(incident, IncidentStatus.Resolved, Noon.AddMinutes(10));
        Assert.Null(incident.UpdateDueAt);
        IncidentRules.Move(incident, IncidentStatus.Active, Noon.AddHours(5));
        Assert.False(IncidentRules.Silent(incident, Noon.AddHours(7).AddMinutes(-1)));
        Assert.True(IncidentRules.Silent(incident, Noon.AddHours(7)));
        Assert.True(IncidentRules.PutBack(incident, Noon.AddHours(3).AddMinutes(59)));
        Assert.False(IncidentRules.PutBack(incident, Noon.AddHours(4)));
    }

    [Fact]
    public void States_GoOnInTheirOrder_AndGiveTheTimes()
    {
        var incident = Opened();
        Assert.Equal("incident.state", IncidentRules.Move(incident, IncidentStatus.Closed, Noon).Fault!.Code);
        IncidentRules.Acknowledge(incident, "ida", Noon.AddMinutes(4));
        Assert.True(IncidentRules.Move(incident, IncidentStatus.Mitigated, Noon.AddMinutes(10)).Ok);
        Assert.True(IncidentRules.Move(incident, IncidentStatus.Resolved, Noon.AddMinutes(30)).Ok);
        Assert.Equal((10d, 50d, 30d), (incident.Times.ToMitigate!.Value.TotalMinutes, incident.Times.ToRestore!.Value.TotalMinutes, incident.Times.ToResolve!.Value.TotalMinutes));
        Assert.True(IncidentRules.Move(incident, IncidentStatus.Active, Noon.AddMinutes(40)).Ok);   // it was not over
        Assert.Equal((null, null), (incident.Times.Resolved, incident.Times.Mitigated));
        IncidentRules.Move(incident, IncidentStatus.Resolved, Noon.AddMinutes(50));
        incident.Hold();
        Assert.Equal("incident.holds", IncidentRules.Move(incident, IncidentStatus.Closed, Noon.AddHours(1)).Fault!.Code);
        incident.Verify("lea", Noon.AddHours(1));
        Assert.True(IncidentRules.Move(incident, IncidentStatus.Closed, Noon.AddHours(1)).Ok);
        Assert.Equal("incident.over", IncidentRules.Acknowledge(incident, "ida", Noon.AddHours(2)).Fault!.Code);
    }

    [Fact]
    public void Merge_TakesAffectedAndHoldAlong_AndEndsIt()
    {
        var (one, other) = (Opened("inc_1"), Opened("inc_2"));
        one.Touches([new("customer", "Rossi"), new("record", "order/1")]);
        one.Hold();
        other.Touches([new("record", "order/1")]);
        Assert.Equal("incident.merge", IncidentRules.Merge(one, one, Noon).Fault!.Code);
        Assert.True(IncidentRules.Merge(one, other, Noon).Ok);
        Assert.Equal((IncidentStatus.Merged, "inc_2", null), (one.Status, one.MergedInto, one.NextAt));
        Assert.Equal((2, true), (other.Affected.Count, other.HoldsScaling));
        Assert.Equal("incident.merge", IncidentRules.Merge(other, one, Noon).Fault!.Code);
    }

    [Fact]
    public void Times_SetInAnyOrder_NeverContradictEachOther() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<int[], int[]>((minutes, which) =>
    {
        var times = new IncidentTimes(Noon, Noon);
        string[] names = ["occurred", "detected", "acknowledged", "mitigated", "restored", "resolved", "closed"];
        foreach (var (minute, name) in (minutes ?? []).Zip(which ?? []))
        {
            var set = times.With(names[(int)((uint)name % 7)], minute % 5 == 0 ? null : Noon.AddMinutes(minute % 100), Noon.AddMinutes(50));
            if (set.Ok) times = set.Value;
        }
        var known = times.All.Where(t => t.At is not null).Select(t => t.At!.Value).ToList();
        Assert.Equal(known.Order(), known);
        Assert.True(known[^1] <= Noon.AddMinutes(50) && known.Count >= 2);
    }));

    [Fact]
    public void Escalation_WhateverHappens_AnOpenIncidentWaitsForSomebodyOrHasSomebody() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<byte[]>((moves) =>
    {
        var (incident, now) = (Opened(), Noon);
        foreach (var move in moves ?? [])
        {
            now += TimeSpan.FromMinutes(move % 40 - 5);   // the clock is put back now and then
            if (Due(incident, now) is { } step) IncidentRules.Tell(incident, step, now);
            _ = (move % 7) switch
            {
                0 => IncidentRules.Acknowledge(incident, "ida", now),
                1 => IncidentRules.LetGo(incident),
                2 => IncidentRules.Move(incident, IncidentStatus.Mitigated, now),
                3 => IncidentRules.Move(incident, IncidentStatus.Resolved, now),
                4 => IncidentRules.Move(incident, IncidentStatus.Active, now),
                _ => default,
            };
            if (!incident.Open) Assert.Null(incident.NextAt);
            else Assert.True(incident.OwnerId is not null || Due(incident, now) is not null || incident.NextAt <= now + Quarter, $"{incident.Status} waits for nobody");
            Assert.Null(incident.Times.Wrong(DateTimeOffset.MaxValue));
        }
    }));

    private static EscalationStep? Due(Incident incident, DateTimeOffset now, PeopleDirectory? directory = null) => IncidentRules.Due(incident, Rollout, directory ?? Directory(), now);

    private static string Step(Incident incident, DateTimeOffset now, PeopleDirectory? directory = null)
    {
        var step = Due(incident, now, directory)!;
        IncidentRules.Tell(incident, step, now);
        return $"{step.Level} {string.Join(' ', step.People)}{(step.Again ? " again" : "")}";
    }

    private static Incident Opened(string id = "inc_1")
    {
        var row = new WorksheetRow("r1", "a", new Dictionary<string, Register>());
        IReadOnlyList<EscalationLevel> levels =
        [
            new(["role:incident_owner"], Quarter), new(["user:dana@example.com"], Quarter), new(["role:incident_owner", "role:rollout_owner"], Quarter), new(["role:exec_sponsor", EscalationLevels.Admins], Quarter),
        ];
        return new Incident(1, id, "rol", "Wrong refund", null, Severity.Sev2, IncidentSource.Person, "person:lee", row.Id, null, levels, new IncidentTimes(Noon.AddMinutes(-20), Noon), Noon);
    }

    private static readonly RolloutAuthority Rollout = new("rol", "Support", TimeZoneInfo.Utc, null, Gate.C, null, 0, false, null, true,
        [("ida", RolloutRole.IncidentOwner, false), ("rob", RolloutRole.RolloutOwner, false), ("sue", RolloutRole.ExecSponsor, false), ("dana", RolloutRole.Member, false), ("lea", RolloutRole.RiskLead, false)], false);

    private static PeopleDirectory Directory(params string[] gone) => new([.. People(gone)], [], [], []);
    private static PeopleDirectory Directory(AbsenceEntry absences) => new([.. People([])], [], [], [], absences: [absences]);

    private static IEnumerable<PersonEntry> People(string[] gone)
        => ((string[])["ida", "rob", "sue", "dana", "lea", "ada"]).Select(id => new PersonEntry(id, id + "@example.com", id, id == "ada" ? ConsoleRoles.Admin : ConsoleRoles.Member, gone.Contains(id), true, "", FrozenSet<string>.Empty));
}
