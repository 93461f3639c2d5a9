using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Toolkit;
using OpsConsole.Support;

namespace OpsConsole.Integrations.Browser;

/// <summary>What the press does with browsers that do not do as they should. Scripts stand for them.</summary>
public sealed class ChromiumPressTests : IDisposable
{
    private const string Writes = "printf '%%PDF-1.7\\n%%%%EOF\\n' >\"$pdf\"";
    private readonly PressBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("sleep 300 & sleep 300", "did not finish within 1 s")]
    [InlineData("trap '' TERM INT HUP; while :; do sleep 1; done", "did not finish within 1 s")]
    [InlineData("exit 1", "ended with code 1")]
    [InlineData("kill -9 $$", "ended with code 137")]
    [InlineData("exit 0", "ended without a PDF")]
    [InlineData("echo '%PDF-1.7 and then no more' >\"$pdf\"", "ended without a PDF")]
    public async Task PrintAsync_BrowserThatFails_IsTriedTwiceAndNothingIsLeft(string script, string why)
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script(script), PrintSeconds = 1 });
        var fault = (await press.PrintAsync("<p>x", default)).Fault!;
        Assert.Equal(("press.failed", FaultKind.Unavailable), (fault.Code, fault.Kind));
        Assert.Contains(why, fault.Message);
        Assert.Contains("print with your own browser", fault.Message);
        Assert.Equal(2, _bench.Calls);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task PrintAsync_BrowserThatEatsMemory_IsEndedLongBeforeItsTime()
    {
        var script = _bench.Script("(eaten=$(head -c 200000000 /dev/zero | tr '\\0' x); sleep 300) & wait");
        await using var press = _bench.Press(new PressOptions { Browser = script, PrintSeconds = 100, PrintMegabytes = 40 });
        var fault = (await press.PrintAsync("<p>x", default)).Fault!;
        Assert.Equal("press.failed", fault.Code);
        Assert.Contains("took more than 40 MB of memory", fault.Message);
        Assert.Equal(2, _bench.Calls);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task PrintAsync_BrowserKilledInTheMiddle_IsTriedAgain()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script($"once killed && {{ sleep 300 & kill -9 $$; }}\n{Writes}") });
        Assert.StartsWith("%PDF-1.7", Encoding.ASCII.GetString((await press.PrintAsync("<p>x", default)).Value));
        Assert.Equal(2, _bench.Calls);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task PrintAsync_BrowserThatLeavesProcessesBehind_IsClearedUp()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script($"sleep 300 & (sleep 300 &) & setsid sleep 300 &\n{Writes}") });
        Assert.True((await press.PrintAsync("<p>x", default)).Ok);
        Assert.Equal(1, _bench.Calls);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task PrintAsync_Cancelled_EndsTheBrowser()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script("sleep 300 & sleep 300") });
        using var cancel = new CancellationTokenSource();
        var printing = press.PrintAsync("<p>x", cancel.Token);
        await Until.True(() => _bench.Calls == 1, "the browser");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => printing);
        Assert.Equal(1, _bench.Calls);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task DisposeAsync_WhilePrinting_EndsTheBrowser()
    {
        var press = _bench.Press(new PressOptions { Browser = _bench.Script("sleep 300") });
        var printing = press.PrintAsync("<p>x", default);
        await Until.True(() => _bench.Calls == 1, "the browser");
        await press.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => printing);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task PrintAsync_QueueFull_IsRefusedAtOnceAndTakenAgainLater()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script($"once first && while [ ! -e \"$here/go\" ]; do sleep 0.05; done\n{Writes}"), PrintsAtOnce = 1, PrintsWaiting = 1 });
        Task<Result<byte[]>>[] inside = [press.PrintAsync("<p>x", default), press.PrintAsync("<p>x", default)];
        var fault = (await press.PrintAsync("<p>x", default)).Fault!;
        Assert.Equal(("press.busy", FaultKind.Unavailable), (fault.Code, fault.Kind));
        Assert.All(inside, job => Assert.False(job.IsCompleted));
        await File.WriteAllTextAsync(_bench.PathTo("go"), "");
        Assert.All(await Task.WhenAll(inside), job => Assert.True(job.Ok));
        Assert.True((await press.PrintAsync("<p>x", default)).Ok);
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task Missing_BrowserInstalledMeanwhile_IsFound()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.PathTo("browser") });
        Assert.Contains(_bench.PathTo("browser"), press.Missing);
        var fault = (await press.PrintAsync("<p>x", default)).Fault!;
        Assert.Equal(("press.missing", FaultKind.Unavailable), (fault.Code, fault.Kind));
        Assert.All((string[])["apt-get install chromium", "OpsConsole__Toolkit__Browser", "print preview"], words => Assert.Contains(words, fault.Message));
        _bench.Script(Writes);
        Assert.Null(press.Missing);
        Assert.True((await press.PrintAsync("<p>x", default)).Ok);
    }

    [Fact]
    public async Task PrintAsync_FoldersOfAKilledConsole_AreRemovedWhenOld()
    {
        var (old, young) = (_bench.PathTo("j/ops-press-old"), _bench.PathTo("j/ops-press-young"));
        Directory.CreateDirectory(Path.Combine(old, "profile"));
        Directory.CreateDirectory(young);
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script(Writes) });
        Assert.True((await press.PrintAsync("<p>x", default)).Ok);
        Assert.Equal([young], _bench.Left());
    }

    // /proc is there and has no room, as the shared memory of a container may have none.
    [Theory]
    [InlineData("first", "second", "first")]
    [InlineData("none", "second", "second")]
    [InlineData("/proc", "second", "second")]
    public async Task PrintAsync_MakesItsFolder_InTheFirstPlaceWithRoom(string first, string second, string expected)
    {
        foreach (var folder in (string[])["first", "second"]) Directory.CreateDirectory(_bench.PathTo(folder));
        await using var press = PressBench.Press(new PressOptions { Browser = _bench.Script($"pwd >\"$here/worked\"\n{Writes}") }, Path.Combine(_bench.PathTo(""), first), _bench.PathTo(second));
        Assert.True((await press.PrintAsync("<p>x", default)).Ok);
        Assert.Equal(_bench.PathTo(expected), Path.GetDirectoryName((await File.ReadAllTextAsync(_bench.PathTo("worked"))).Trim()));
    }

    [Fact]
    public async Task PrintAsync_Browser_HasATimeLimitThatOutlivesTheConsole()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script($"tr '\\0' ' ' </proc/$PPID/cmdline >\"$here/parent\"\n{Writes}"), PrintSeconds = 7 });
        Assert.True((await press.PrintAsync("<p>x", default)).Ok);
        Assert.Contains("timeout -s KILL 37 ", await File.ReadAllTextAsync(_bench.PathTo("parent")));
    }

    [Fact]
    public async Task PrintAsync_DocumentTooLarge_IsRefusedWithoutABrowser()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script(Writes) });
        var fault = (await press.PrintAsync(new string('x', 32 * 1024 * 1024 + 1), default)).Fault!;
        Assert.Equal(("press.too_large", FaultKind.TooLarge), (fault.Code, fault.Kind));
        Assert.Equal(0, _bench.Calls);
    }

    [Fact]
    public async Task PrintAsync_Document_IsSetWhenItsTurnComes_AndItsFaultIsPassedOn()
    {
        await using var press = _bench.Press(new PressOptions { Browser = _bench.Script($"while [ ! -e \"$here/go\" ]; do sleep 0.05; done\n{Writes}"), PrintsAtOnce = 1 });
        var first = press.PrintAsync("<p>x", default);
        var asked = false;
        var second = press.PrintAsync(() =>
        {
            asked = true;
            return Task.FromResult<Result<string>>(Fault.NotFound("rollout"));
        }, default);
        await Until.True(() => _bench.Calls == 1, "the browser");
        Assert.False(asked);
        await File.WriteAllTextAsync(_bench.PathTo("go"), "");
        Assert.True((await first).Ok);
        Assert.Equal("not_found", (await second).Fault!.Code);
        Assert.Equal(1, _bench.Calls);
    }

    [Fact]
    public async Task PrintAsync_Browser_GivesWayAndKnowsNothingOfTheConsole()
    {
        Environment.SetEnvironmentVariable("OpsConsole__Setup__PressTest", "a secret");
        try
        {
            await using var press = _bench.Press(new PressOptions { Browser = _bench.Script($"env >\"$here/seen\"; nice >\"$here/priority\"; stat -c %a . >\"$here/rights\"\n{Writes}") });
            Assert.True((await press.PrintAsync("<p>x", default)).Ok);
        }
        finally
        {
            Environment.SetEnvironmentVariable("OpsConsole__Setup__PressTest", null);
        }
        var seen = await File.ReadAllTextAsync(_bench.PathTo("seen"));
        Assert.Contains("HOME=", seen);
        Assert.DoesNotContain("secret", seen);
        Assert.True(int.Parse(await File.ReadAllTextAsync(_bench.PathTo("priority"))) >= 10);
        Assert.Equal("700", (await File.ReadAllTextAsync(_bench.PathTo("rights"))).Trim());
    }

    [Fact]
    public async Task AddBrowser_Services_AreThePressAndTheGlyphsWithTheirSettings()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("OpsConsole:Toolkit:Browser", _bench.PathTo("named"))]).Build();
        await using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddBrowser(configuration).BuildServiceProvider();
        Assert.Contains(_bench.PathTo("named"), services.GetRequiredService<IPress>().Missing);
        Assert.IsType<Glyphs>(services.GetRequiredService<IGlyphs>());
    }

    [Theory]
    [InlineData("PrintSeconds", "0")]
    [InlineData("PrintMegabytes", "much")]
    [InlineData("PrintsAtOnce", "-1")]
    [InlineData("PrintsWaiting", "10001")]
    public void Problems_SettingOutOfRange_NamesItsKey(string name, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("OpsConsole:Toolkit:" + name, value)]).Build();
        Assert.StartsWith($"OpsConsole:Toolkit:{name} is '{value}'", Assert.Single(PressOptions.Problems(configuration)));
    }
}
