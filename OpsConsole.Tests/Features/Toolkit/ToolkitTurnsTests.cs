using System.Collections.Frozen;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Toolkit;

public sealed class ToolkitTurnsTests
{
    [Fact]
    public void Turns_OfAll_AreBounded_AndComeBack()
    {
        var turns = new ToolkitTurns();
        var held = Enumerable.Range(0, ToolkitTurns.MostOfAll).Select(i => turns.Take(Person(i), ToolkitWork.Print).Value).ToList();
        var refused = turns.Take(Person(1_000), ToolkitWork.Print).Fault!;
        Assert.Equal((FaultKind.Unavailable, "toolkit.busy"), (refused.Kind, refused.Code));
        Assert.True(turns.Take(Person(1_000), ToolkitWork.Preview).Ok);
        foreach (var turn in held) turn.Dispose();
        for (var i = 0; i < ToolkitTurns.MostOfOne; i++) Assert.True(turns.Take(Person(1_000), ToolkitWork.Print).Ok);
        Assert.Equal(FaultKind.TooMany, turns.Take(Person(1_000), ToolkitWork.Print).Fault!.Kind);
    }

    private static PersonCaller Person(int i) => new(new PersonEntry($"per_{i}", "a@example.com", "A", ConsoleRoles.Member, false, true, "", FrozenSet<string>.Empty), null, "session");
}
