using OpsConsole.Core.Worksheets;

namespace OpsConsole.Tests.Core.Worksheets;

public sealed class OwnEditsTests
{
    private static readonly DateTimeOffset Began = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    private static Patch Put(string id, string field, double second, string value, string author = "ada", params string[] over) => new("rol_1", id, FieldKey.Parse("canvas/" + field)!.Value, over, value, author, Began.AddSeconds(second));

    private static IEnumerable<string> Ids(IReadOnlyList<Patch> mine) => OwnEdits.Of(mine).Select(e => string.Join('+', e.Patches.Select(p => p.Id)));

    [Fact]
    public void TypingWithoutAPause_IsOneEdit_AndWhatWasSentAtOnceIsOne()
    {
        Patch[] mine = [Put("a", "users", 0, "F"), Put("b", "users", 1, "Fi", over: "a"), Put("c", "users", 60, "Six", over: "b"), Put("d", "workflow", 61, "R"), Put("e", "unit", 90, "min"), Put("f", "target", 90, "45")];
        Assert.Equal(["e+f", "d", "c", "a+b"], Ids(mine));
    }

    [Fact]
    public void AnUndo_TakesItsEditOffTheList_AndWhatIsTypedAfterItIsNew()
    {
        List<Patch> mine = [Put("a", "users", 0, "one"), Put("b", "users", 60, "two", over: "a"), Put("undo-1", "users", 100, "one", over: "b")];
        Assert.Equal(["a"], Ids(mine));
        mine.Add(Put("c", "users", 101, "three", over: "undo-1"));
        Assert.Equal(["c", "a"], Ids(mine));
        mine.AddRange([Put("undo-2", "users", 110, "one", over: "c"), Put("undo-3", "users", 120, "", over: "undo-2")]);
        Assert.Empty(Ids(mine));
    }

    [Fact]
    public void AnEditThatEndsWhereItBegan_ShowsNothingWhenItIsTakenBack()
    {
        Patch[] there = [Put("a", "users", 0, "?"), Put("b", "users", 1, "", over: "a")];
        Assert.False(OwnEdits.Shows(OwnEdits.Before(OwnEdits.Of(there)[0], there, [])!, [there[1]]));
        Assert.True(OwnEdits.Shows(OwnEdits.Before(OwnEdits.Of(there[..1])[0], there[..1], [])!, [there[0]]));
    }

    [Fact]
    public void Before_IsWhatTheFirstOfThemWentOver_UnlessSomebodyWroteSince()
    {
        var (first, a, b) = (Put("x", "users", 0, "Ben's", "ben"), Put("a", "users", 60, "A", over: "x"), Put("b", "users", 61, "Ada's", over: "a"));
        var edit = OwnEdits.Of([a, b])[0];
        Assert.Equal([(new FieldKey("canvas", null, "users"), "Ben's")], OwnEdits.Before(edit, [a, b], [first, a])!);
        Assert.Null(OwnEdits.Before(edit, [a, b, Put("c", "users", 70, "Ben again", "ben", "b")], [first, a]));
        Assert.NotNull(OwnEdits.Before(edit, [a, b, Put("c", "unit", 70, "elsewhere", "ben")], [first, a]));
    }
}
