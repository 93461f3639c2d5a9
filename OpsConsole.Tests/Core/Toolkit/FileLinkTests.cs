using OpsConsole.Core.Toolkit;

namespace OpsConsole.Tests.Core.Toolkit;

public sealed class FileLinkTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Link_OpensOnlyFromMakingToItsEnd()
    {
        var link = new FileLink("lnk", "exp", "rol", "f.pdf", 1, "per", Now);
        Assert.False(link.Opens(Now));
        link.Make(Now, Now.AddDays(2));
        link.Make(Now.AddHours(1), Now.AddDays(1));
        Assert.Equal((Now, Now.AddDays(2)), (link.MadeAt, link.Until));
        Assert.True(link.Opens(Now.AddDays(2).AddTicks(-1)));
        Assert.False(link.Opens(Now.AddDays(2)));
        link.End();
        Assert.False(link.Opens(Now.AddYears(-1)));   // a clock that was set back opens nothing
    }

    [Fact]
    public void Openings_WithinAMinute_CountOnce()
    {
        var link = new FileLink("lnk", "exp", "rol", "f.pdf", 1, "per", Now);
        Assert.Equal([true, false, true], new[] { 0, 59, 60 }.Select(s => link.Open(Now.AddSeconds(s))));
        Assert.Equal((2, Now.AddSeconds(60)), (link.Opened, link.OpenedAt));
    }
}
