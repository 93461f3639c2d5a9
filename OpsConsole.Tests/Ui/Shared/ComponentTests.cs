using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Platform.Web;
using OpsConsole.Support;
using OpsConsole.Ui.Layout;
using Xunit;

namespace OpsConsole.Ui.Shared;

public sealed class ComponentTests : ShellTestContext
{
    [Theory]
    [InlineData("allow", "✓", "Allowed", "tone-allow")]
    [InlineData("pending", "◔", "Waits", "tone-waits")]
    [InlineData("deny", "✕", "Denied", "tone-denied")]
    [InlineData("shadow", "◌", "Shadow", "tone-shadow")]
    [InlineData("ALLOW-ISH", "?", "Unknown", "tone-unknown")]
    [InlineData(null, "?", "Unknown", "tone-unknown")]
    public void Verdict_Outcome_HasSignWordAndTone(string? outcome, string sign, string word, string tone)
    {
        var cut = Render<Verdict>(p => p.Add(c => c.Outcome, outcome));
        Assert.Equal(sign, cut.Find(".sign").TextContent);
        Assert.Equal(sign + word, cut.Find(".verdict").TextContent);
        Assert.Contains(tone, cut.Find(".verdict").ClassList);
    }

    [Theory]
    [InlineData("Dana Fox", "DF")]
    [InlineData("omar@example.com", "OE")]
    [InlineData("", "?")]
    [InlineData(null, "?")]
    public void InitialsOf_Names_GivesUpToTwo(string? name, string initials) => Assert.Equal(initials, PersonName.InitialsOf(name));

    [Fact]
    public void Rail_MarksTheMostExactEntryAlone()
    {
        NavEntry[] entries = [new("/incidents", "Incidents", "incident", 1), new("/incidents/new", "Report a failure", "flag", 2)];
        foreach (var entry in entries) Services.AddSingleton(entry);
        foreach (var (page, marked) in new[] { ("/incidents?all=true", 0), ("/incidents/inc_1", 0), ("/incidents/new?rollout=rol_1", 1), ("/incidents/newer", 0) })
        {
            Services.GetRequiredService<NavigationManager>().NavigateTo(page);
            Assert.Equal([marked == 0, marked == 1], entries.Select(e => Render<NavItem>(p => p.Add(c => c.Entry, e)).Find("a").ClassList.Contains("active")));
        }
    }

    [Fact]
    public void ErrorState_Retry_CallsBack()
    {
        var tries = 0;
        var cut = Render<ErrorState>(p => p.Add(c => c.What, "It could not be loaded.").Add(c => c.Safe, "Nothing was lost.").Add(c => c.OnRetry, () => tries++));
        cut.Find("button").Click();
        Assert.Equal(1, tries);
        Assert.NotNull(cut.Find("[role=alert]"));
    }

    [Fact]
    public void ConfirmDialog_AskWhy_NeedsWordsAndHandsThemOver()
    {
        string? said = null;
        var cut = Render<ConfirmDialog>(p => p.Add(c => c.Open, true).Add(c => c.Title, "Reject").Add(c => c.Verb, "Reject").Add(c => c.AskWhy, true)
            .Add(c => c.OnConfirm, (string? why) => said = why));
        Assert.True(cut.Find("button.primary").HasAttribute("disabled"));
        cut.Find("textarea").Input("  too much ");
        cut.Find("button.primary").Click();
        Assert.Equal("too much", said);
    }

    [Fact]
    public async Task Modal_ClosedByScript_TellsItsOwnerOnce()
    {
        var told = new List<bool>();
        var cut = Render<Modal>(p => p.Add(c => c.Open, true).Add(c => c.Title, "T").Add(c => c.OpenChanged, (bool open) => told.Add(open)));
        await cut.InvokeAsync(cut.Instance.Closed);
        await cut.InvokeAsync(cut.Instance.Closed);
        Assert.Equal([false], told);
    }

    [Fact]
    public async Task PageKeys_Pressed_ReachesThePageUntilDisposed()
    {
        var pressed = new List<string>();
        var registry = Services.GetRequiredService<KeyRegistry>();
        var cut = Render<PageKeys>(p => p.Add(c => c.Keys, [new("j", "Next")]).Add(c => c.OnKey, (string k) => pressed.Add(k)));
        Assert.Equal("Next", Assert.Single(registry.Keys).Does);
        await cut.Instance.Pressed("j");
        await cut.Instance.DisposeAsync();
        await cut.Instance.Pressed("j");
        Assert.Equal(["j"], pressed);
        Assert.Empty(registry.Keys);
    }

    [Fact]
    public void PageKeys_ChangedWhileTheScriptIsAsked_AreNotLost()
    {
        var module = JSInterop.SetupModule("/js/keys.js");
        var register = module.Setup<int>("register", _ => true);
        module.SetupVoid("update", _ => true).SetVoidResult();
        var cut = Render<PageKeys>(p => p.Add(c => c.Keys, [new("j", "Next")]));
        cut.Render(p => p.Add(c => c.Keys, [new("j", "Next"), new("a", "Approve")]));
        register.SetResult(7);
        cut.WaitForAssertion(() => Assert.Equal(["j", "a"], Assert.IsType<string[]>(Assert.Single(module.Invocations["update"]).Arguments[1])));
        Assert.Equal(7, Assert.Single(module.Invocations["update"]).Arguments[0]);
        Assert.Single(module.Invocations["register"]);
    }

    [Fact]
    public async Task Refresher_Burst_PullsAtOnceAndOnceMore()
    {
        var pulls = 0;
        Render<Refresher>(p => p.Add(c => c.Topics, ["approvals"]).Add(c => c.OnChange, () => { Interlocked.Increment(ref pulls); }));
        Signals.Publish("approvals");
        await Until.True(() => Volatile.Read(ref pulls) == 1);
        for (var i = 0; i < 500; i++) Signals.Publish("approvals");
        await Until.True(() => Time.Timers == 1);
        Time.Advance(TimeSpan.FromMilliseconds(100));
        await Until.True(() => Volatile.Read(ref pulls) == 2);
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, pulls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refresher_DatabaseGone_KeepsThePageAndPullsAgain(bool health)
    {
        var (pulls, gone) = (0, true);
        Render<Refresher>(p => p.Add(c => c.Topics, ["approvals"]).Add(c => c.OnChange, () =>
        {
            Interlocked.Increment(ref pulls);
            if (Volatile.Read(ref gone)) throw new InvalidOperationException("while reading", new NoDatabase());
        }));
        Signals.Publish("approvals");
        await Until.True(() => Volatile.Read(ref pulls) == 1 && Time.Timers == 1, "it failed and will try again");
        Volatile.Write(ref gone, false);
        if (health) await Until.True(() => { Signals.Publish("health"); Time.Advance(Platform.Realtime.Signals.Interval); return Volatile.Read(ref pulls) > 1; });
        else await Until.True(() => { Time.Advance(Refresher.Again); return Volatile.Read(ref pulls) > 1; });
    }

    private sealed class NoDatabase : System.Data.Common.DbException;

    [Fact]
    public void Refresher_TopicsChangeThenDispose_FollowsAndLetsGo()
    {
        var cut = Render<Refresher>(p => p.Add(c => c.Topics, ["a", "b"]));
        Assert.Equal(1, Signals.Count);
        cut.Render(p => p.Add(c => c.Topics, ["c"]));
        Assert.Equal(1, Signals.Count);
        cut.Instance.Dispose();
        Assert.Equal(0, Signals.Count);
    }

    [Fact]
    public void Toasts_Done_AppearAndLeave()
    {
        var toasts = Services.GetRequiredService<Toasts>();
        var cut = Render<ToastHost>();
        cut.InvokeAsync(() => { toasts.Done("Published version 4"); toasts.Done("Saved."); });
        cut.WaitForAssertion(() => Assert.Equal(2, cut.FindAll(".toast").Count));
        Time.Advance(TimeSpan.FromSeconds(9));
        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll(".toast")));
    }

    [Theory]
    [InlineData("/approvals?x=1", "/approvals?x=1")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/a\nb", "/")]
    [InlineData(null, "/")]
    public void LocalOr_ReturnAddress_StaysHere(string? address, string expected) => Assert.Equal(expected, SignIn.LocalOr(address, "/"));

    [Fact]
    public void AddressFor_PageWithQuery_ReturnsThere()
    {
        var navigation = Services.GetRequiredService<NavigationManager>();
        navigation.NavigateTo("/decisions?q=a%20b");
        Assert.Equal("/account/sign-in?returnUrl=%2Fdecisions%3Fq%3Da%2520b", SignIn.AddressFor(navigation));
    }

    [Fact]
    public void Sparkline_Values_AreOnePathAndASentence()
    {
        var cut = Render<Sparkline>(p => p.Add(c => c.Values, [0, 5, 10, 1]).Add(c => c.Label, "most at two"));
        Assert.Equal("most at two", cut.Find("svg[role=img]").GetAttribute("aria-label"));
        Assert.Equal("M4 24v-11.5h3V24zM8 24v-23h3V24zM12 24v-2.3h3V24z", cut.Find("path.bars").GetAttribute("d"));
        cut.Render(p => p.Add(c => c.Values, [0, 0]).Add(c => c.Label, "none"));
        Assert.Equal("", cut.Find("path.bars").GetAttribute("d"));
    }
}
