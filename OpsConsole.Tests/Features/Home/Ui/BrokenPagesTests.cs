using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Decisions.Ui;
using OpsConsole.Features.Undo;
using OpsConsole.Platform.Realtime;
using OpsConsole.Features.Workshop;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Home.Ui;

/// <summary>Pages whose service fails say so, with what is safe and a way out; while they load they say that; and they recover.</summary>
public sealed class BrokenPagesTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        var spine = await Spine.BuildAsync(_host);
        await spine.RefundAsync(20);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("/", typeof(HomePage), "What needs you cannot be read", "Needs you")]
    [InlineData("/runs/run-1", typeof(RunPage), "This run cannot be read", "1 decision")]
    [InlineData("/search?q=run-1", typeof(SearchPage), "The search does not work", "run-1")]
    public async Task Page_ItsServiceFails_SaysSoAndTriesAgain(string address, Type page, string says, string then)
    {
        var database = new Switch(_host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>());
        await using var context = Context(database);
        database.Fails = true;
        var cut = Open(context, address, page);
        cut.WaitForAssertion(() => Assert.Contains(says, cut.Find(".state.error[role=alert]").TextContent));
        Assert.Contains("Nothing was changed", cut.Find(".state.error").TextContent);
        Assert.Empty(cut.FindAll("[aria-busy]"));
        Assert.DoesNotContain("DataException", cut.Markup, StringComparison.Ordinal);
        database.Fails = false;
        await cut.FindAll(".state.error button").Single(b => b.TextContent == "Try again").ClickAsync(new());
        cut.WaitForAssertion(() => Assert.Contains(then, cut.Markup));
        Assert.Empty(cut.FindAll(".state.error"));
    }

    [Theory]
    [InlineData("/", typeof(HomePage))]
    [InlineData("/runs/run-1", typeof(RunPage))]
    [InlineData("/search?q=run-1", typeof(SearchPage))]
    public async Task Page_ItsServiceIsSlow_SaysThatItLoads(string address, Type page)
    {
        var database = new Switch(_host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>());
        await using var context = Context(database);
        var gate = database.Hold();
        var cut = Open(context, address, page);
        Assert.NotEmpty(cut.FindAll("[role=status][aria-busy=true]"));
        Assert.NotEmpty(cut.FindAll("h1"));
        gate.SetResult();
        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll("[aria-busy=true]")));
    }

    [Fact]
    public async Task Home_FailsWhileShown_KeepsWhatItShowsAndSaysThatItIsOlder()
    {
        var database = new Switch(_host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>());
        await using var context = Context(database);
        var cut = Open(context, "/", typeof(HomePage));
        cut.WaitForAssertion(() => Assert.Contains("Needs you", cut.Markup));
        database.Fails = true;
        context.Services.GetRequiredService<Signals>().Publish("approvals");
        cut.WaitForAssertion(() => Assert.Contains("what you see is older", cut.Find(".state.error").TextContent));
        Assert.Contains("Needs you", cut.Markup);
        database.Fails = false;
        context.Services.GetRequiredService<Signals>().Publish("approvals");
        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll(".state.error")));
    }

    [Fact]
    public async Task Home_ZoneBecomesKnown_CountsFromThatMidnightAndDrawsTheDay()
    {
        await using var context = Context(_host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>());
        var cut = Open(context, "/", typeof(HomePage));
        cut.WaitForAssertion(() => Assert.Contains("since midnight in UTC", cut.Find("[aria-label=Today]").TextContent));
        await cut.InvokeAsync(() => context.Services.GetRequiredService<ReaderClock>().Use("Asia/Kolkata"));
        cut.WaitForAssertion(() => Assert.Contains("since midnight in Asia/Kolkata", cut.Find("[aria-label=Today]").TextContent));
        var drawn = cut.Find("svg.sparkline");
        Assert.Equal("img", drawn.GetAttribute("role"));
        Assert.Matches("^(Decisions per hour since midnight: most between .* with 1; 1 since .*|Decisions per hour.*|No decisions since midnight\\.)", drawn.GetAttribute("aria-label"));
    }

    private static IRenderedComponent<IComponent> Open(BunitContext context, string address, Type page)
    {
        context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        return context.Render(builder =>
        {
            builder.OpenComponent(0, page);
            if (page == typeof(RunPage)) builder.AddComponentParameter(1, "Id", "run-1");
            builder.CloseComponent();
        });
    }

    private PageContext Context(IDbContextFactory<OpsDbContext> database)
    {
        var (context, writer) = (new PageContext(_host, ConsoleHost.AdminEmail), _host.Services.GetRequiredService<DurableWriter>());
        var (inbox, search) = (new ApprovalInbox(database, writer), new DecisionSearch(database, writer, TimeProvider.System));
        context.Services.AddSingleton(new HomeBoard(database, writer, inbox, search, new DayTally(database, TimeProvider.System), new MentionInbox(writer, database), new WindowDesk(writer, database), new UndoNeeds(writer, database), new OpsConsole.Features.Reviews.WeeklyReviewReader(writer, database, new OpsConsole.Features.Reliability.ReliabilityReader(writer, database)),
            new OpsConsole.Features.Reviews.ScaleMemoReader(writer, database, _host.Services.GetRequiredService<OpsConsole.Features.Reviews.MemoGatherer>(), _host.Services.GetRequiredService<OpsConsole.Features.Rollouts.EvidenceReader>(), new OpsConsole.Features.Reliability.ReliabilityReader(writer, database))));
        context.Services.AddSingleton(new DecisionStory(database, writer, TimeProvider.System));
        context.Services.AddSingleton(new SearchEverything(database, writer, search));
        return context;
    }

    /// <summary>A database that fails or answers late when it is told to.</summary>
    private sealed class Switch(IDbContextFactory<OpsDbContext> inner) : IDbContextFactory<OpsDbContext>
    {
        private Task _held = Task.CompletedTask;
        public bool Fails { get; set; }

        public TaskCompletionSource Hold()
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held = gate.Task;
            return gate;
        }

        public OpsDbContext CreateDbContext() => Fails ? throw new System.Data.DataException("the disk is gone") : inner.CreateDbContext();

        public async Task<OpsDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            await _held;
            return CreateDbContext();
        }
    }
}
