using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace OpsConsole.Core.Execution;

/// <summary>Plans of undo steps, and what becomes of them when whoever carries them out fails, falls silent or answers twice.</summary>
public sealed class UndoTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Read_TakesWritesWithTheirUndo()
    {
        const string report = """{"status":"succeeded","writes":[{"system":"crm","record":"contact/42","operation":"update","before":{"a":1},"after":{"a":2},"undo":{"kind":"reverse_write","action":"crm.contact.update","arguments":{"a":1}}},{"system":"mail","record":"m/1","operation":"send"}]}""";
        var writes = ReportedWrite.Read(JsonElement.Parse(report), Write(7, 0, "x"));
        Assert.Equal([(7L, 0, "crm", "contact/42", UndoKind.ReverseWrite, "crm.contact.update", """{"a":1}"""), (7L, 1, "mail", "m/1", UndoKind.None, null, null)],
            writes.Select(w => (w.DecisionSeq, w.Index, w.System, w.Record, w.Kind, w.Action, w.Arguments)));
        Assert.Empty(ReportedWrite.Read(JsonElement.Parse("""{"status":"failed"}"""), Write(7, 0, "x")));
    }

    [Fact]
    public void Plan_NewestFirst_AndSaysWhatOnlyPeopleCanDo()
    {
        ReportedWrite[] writes =
        [
            Write(1, 0, "a"), Write(1, 1, "b"), Write(2, 0, "a"), Write(3, 0, "c") with { Kind = UndoKind.None, Action = null }, Write(4, 0, "d") with { Reversible = false }, Write(5, 0, "e") with { Until = Noon },
            Write(6, 0, "f") with { Kind = UndoKind.Manual, Description = "Call them" },
        ];
        var plan = UndoPlanner.Plan(writes, [Write(9, 0, "b")], endpoint: false, reachable: _ => true, Noon);
        Assert.Equal([(6, "f"), (5, "e"), (4, "d"), (3, "c"), (2, "a"), (1, "b"), (1, "a")], plan.Select(p => ((int)p.Write.DecisionSeq, p.Write.Record)));
        Assert.Equal([UndoState.Waiting, UndoState.Waiting, UndoState.Waiting, UndoState.Waiting, UndoState.Waiting, UndoState.Conflict, UndoState.Waiting], plan.Select(p => p.State));
        Assert.Equal([UndoRunner.Person, UndoRunner.Person, UndoRunner.Person, UndoRunner.Person, UndoRunner.Agent, UndoRunner.Person, UndoRunner.Agent], plan.Select(p => p.Runner));
        Assert.Contains("Call them", plan[0].Why);
        Assert.Contains("dec_9", plan[5].Why);
        Assert.All(UndoPlanner.Plan([Write(1, 0, "a")], [], endpoint: false, reachable: _ => false, Noon), p => Assert.Equal(UndoRunner.Person, p.Runner));
        Assert.Equal(UndoRunner.Endpoint, UndoPlanner.Plan([Write(1, 0, "a")], [], endpoint: true, reachable: _ => false, Noon).Single().Runner);
    }

    [Fact]
    public void OlderWriteOfARecord_WaitsForTheNewer_AndNeverOverwritesWhatStays()
    {
        var steps = Steps(Write(2, 0, "a"), Write(1, 0, "a"), Write(1, 1, "b"));
        Assert.Equal([true, false, true], steps.Select(s => UndoRules.MayRun(s, steps)));
        UndoRules.Send(steps[0], steps, Noon);
        Assert.True(UndoRules.Report(steps[0], UndoState.Conflict, "agent:x", "Ida changed it by hand", Noon).Ok);
        Assert.False(UndoRules.Send(steps[1], steps, Noon));
        Assert.Equal([steps[1]], UndoRules.Stuck(steps).Select(s => s.Step));
        Assert.True(UndoRules.Retry(steps[0], UndoRunner.Agent).Ok);
        Assert.Empty(UndoRules.Stuck(steps));
        UndoRules.Send(steps[0], steps, Noon);
        UndoRules.Report(steps[0], UndoState.Undone, "agent:x", null, Noon);
        Assert.True(UndoRules.Send(steps[1], steps, Noon));
    }

    [Fact]
    public void Report_TheSameAgain_IsFine_AnotherIsNot_AndWhatStaysIsSaidByPeople()
    {
        var steps = Steps(Write(1, 0, "a"), Write(2, 0, "b"));
        Assert.Equal("undo.not_begun", UndoRules.Report(steps[0], UndoState.Undone, "agent:x", null, Noon).Fault!.Code);
        UndoRules.Send(steps[0], steps, Noon);
        Assert.Equal("field.required", UndoRules.Report(steps[0], UndoState.Failed, "agent:x", " ", Noon).Fault!.Code);
        Assert.Equal("undo.not_yours", UndoRules.Report(steps[0], UndoState.Irreversible, "agent:x", "no way", Noon).Fault!.Code);
        Assert.True(UndoRules.Report(steps[0], UndoState.Undone, "agent:x", null, Noon).Ok);
        Assert.True(UndoRules.Report(steps[0], UndoState.Undone, "agent:x", null, Noon.AddHours(1)).Ok);
        Assert.Equal("undo.already_reported", UndoRules.Report(steps[0], UndoState.Failed, "agent:x", "late", Noon).Fault!.Code);
        Assert.Equal("undo.already_reported", UndoRules.HandOver(steps[0], "ida").Fault!.Code);
        Assert.Equal("undo.state", UndoRules.Retry(steps[1], UndoRunner.Agent).Fault!.Code);
        Assert.True(UndoRules.HandOver(steps[1], "ida").Ok);
        Assert.False(UndoRules.Send(steps[1], steps, Noon));
        Assert.True(UndoRules.Report(steps[1], UndoState.Irreversible, "person:ida", "The parcel has left", Noon).Ok);
    }

    [Fact]
    public void Silence_IsSentAgainUnderTheSameKey_AndThenAPersons()
    {
        var steps = Steps(Write(1, 0, "a"));
        var now = Noon;
        for (var i = 0; i < UndoRules.MostAttempts; i++)
        {
            Assert.True(UndoRules.Send(steps[0], steps, now));
            Assert.False(UndoRules.Send(steps[0], steps, now + UndoRules.Lease - TimeSpan.FromSeconds(1)));
            now += UndoRules.Lease;
        }
        Assert.False(UndoRules.Send(steps[0], steps, now));
        Assert.Equal((UndoState.Failed, true), (steps[0].State, steps[0].NeedsSomebody));
        Assert.Contains("may have happened", steps[0].Says);
    }

    /// <summary>An endpoint that keeps what it did by key, and fails, hangs, answers twice or loses its answer as it likes: in the end every write is undone once, in the right order, or a person has it.</summary>
    [Fact]
    public void WhateverTheEndpointDoes_EachWriteIsUndoneOnceAndInOrder() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<byte[], byte>((luck, records) =>
    {
        if (luck is not { Length: > 0 }) luck = [0];
        var writes = Enumerable.Range(1, 12).Select(i => Write(i, 0, "r" + i % (records % 4 + 1))).ToArray();
        var steps = UndoPlanner.Plan(writes, [], endpoint: true, reachable: _ => true, Noon).Select((p, i) => new UndoStep("und_" + i, "udp", i + 1, p.Write, p.Runner, p.State, p.Why)).ToList();
        Dictionary<string, long> done = [];
        List<(string Target, long Seq)> order = [];
        var (now, turn) = (Noon, 0);
        for (var round = 0; round < 400 && steps.Any(s => !s.Ended); round++, now += UndoRules.Lease)
        {
            foreach (var step in steps.Where(s => s.State is UndoState.Failed or UndoState.Partly).ToList()) UndoRules.Retry(step, UndoRunner.Endpoint);
            foreach (var step in steps.ToList())
            {
                if (!UndoRules.Send(step, steps, now)) continue;
                var fate = luck[turn++ % luck.Length] % 6;
                if (round > 200) fate = 0;   // it recovers at last
                if (fate == 1) continue;   // never arrived
                if (fate == 2)
                {
                    UndoRules.Report(step, UndoState.Failed, "system:console", "503", now);
                    continue;
                }
                if (done.TryAdd(step.Id, step.DecisionSeq)) order.Add((step.Record, step.DecisionSeq));   // it knows its keys
                if (fate == 3) continue;   // the answer was lost
                Assert.True(UndoRules.Report(step, UndoState.Undone, "system:console", null, now).Ok);
                if (fate == 4) Assert.True(UndoRules.Report(step, UndoState.Undone, "system:console", null, now).Ok);   // answered twice
            }
        }
        Assert.All(steps, s => Assert.Equal(UndoState.Undone, s.State));
        Assert.Equal(12, done.Count);
        Assert.Equal(12, order.Count);
        foreach (var record in order.GroupBy(o => o.Target)) Assert.Equal(record.Select(o => o.Seq).OrderDescending(), record.Select(o => o.Seq));
    }));

    private static List<UndoStep> Steps(params ReportedWrite[] writes) => [.. writes.Select((w, i) => new UndoStep("und_" + i, "udp", i + 1, w, UndoRunner.Agent, UndoState.Waiting, null))];

    private static ReportedWrite Write(long seq, int index, string record) => new(seq, index, "dec_" + seq, "agt", "rol", Noon.AddMinutes(seq), true, Noon.AddHours(24), "crm", record, "update", "{}", "{}", UndoKind.ReverseWrite, null, "crm.update", "{}");
}
