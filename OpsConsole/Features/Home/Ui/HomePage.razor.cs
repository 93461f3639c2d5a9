using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Execution;
using OpsConsole.Features.Audit;
using OpsConsole.Features.Reviews;
using OpsConsole.Features.Undo;
using OpsConsole.Features.Workshop;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Home.Ui;

/// <summary>What needs me.</summary>
public sealed partial class HomePage : IDisposable
{
    private static readonly string[] Topics = ["approvals", "alerts", "state", "health", AuditCheck.Topic, MentionInbox.Topic, ReversibleWindow.RequiredTopic, UndoNeeds.Topic, ScaleMemoReader.Topic];
    // The day's numbers move with every decision, and gathering them takes five queries.
    private static readonly string[] Numbers = ["log"];
    private static readonly TimeSpan NumbersEvery = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _gone = new();
    private HomeView? _view;
    private string? _refusal, _failure, _remedy;
    private bool _signedOut;
    private int _loads;
    private ITimer? _midnight;

    [SupplyParameterFromQuery] public string? Rollout { get; set; }
    [Inject] private ReaderClock Clock { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private ILogger<HomePage> Log { get; set; } = default!;

    private string Greeting
    {
        get
        {
            if (_view is null) return "Home";
            var hour = Clock.Local(Clock.Now).Hour;
            return $"Good {(hour < 5 ? "evening" : hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening")}, {VisibleText.Flatten(_view.Name.Split(' ')[0])}";
        }
    }

    private string? Standing => _view is not { } view ? null
        : $"{Counted.Of(view.Rollouts.Count, "rollout")} · {Counted.Of(view.Rollouts.Sum(r => r.Agents), "agent")} · {(view.EverythingPaused ? "everything is paused" : Paused(view) is { Count: > 0 } paused ? $"paused: {Names(paused)}" : "all running")}";

    private static List<string> Paused(HomeView view) => [.. view.Rollouts.Where(r => r.Paused).Select(r => r.Name), .. view.Rollouts.Where(r => !r.Paused).SelectMany(r => r.PausedAgents)];

    private string ChainWords => Check.State switch
    {
        { Running: not null } => "The log is being verified",
        { Last: { Intact: true } good } => $"✓ Log verified {Clock.Short(good.At)}, {good.Entries.ToString("N0", CultureInfo.InvariantCulture)} entries",
        { Last: not null } => "✕ The log is not intact: see where",
        _ => "Log not verified since this console started",
    };

    private int HoursOfToday => (int)Math.Round((Clock.Tomorrow - Clock.Today).TotalHours);

    private string ByHour
    {
        get
        {
            var hours = _view!.Today.Hours;
            if (hours.Sum() == 0) return "No decisions since midnight.";
            var most = hours.Max();
            var busiest = Clock.Today.AddHours(hours.ToList().IndexOf(most));
            return $"Decisions per hour since midnight: most between {Clock.Short(busiest)} and {Clock.Local(busiest.AddHours(1)).ToString("HH:mm", CultureInfo.InvariantCulture)} with {Number(most)}; {Number(hours[^1])} since {Clock.Short(Clock.Today.AddHours(hours.Count - 1))}.";
        }
    }

    protected override void OnInitialized()
    {
        Clock.Changed += Again;
        _midnight = Time.CreateTimer(_ => Again(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    // Another zone has another midnight, and a quiet night must not leave yesterday's numbers on the wall.
    private void Again() => _ = InvokeAsync(async () =>
    {
        if (_gone.IsCancellationRequested) return;
        await LoadAsync();
        StateHasChanged();
    });

    private async Task LoadAsync()
    {
        try
        {
            var me = await Me.RequireAsync();
            _signedOut = me.Fault is not null;
            if (me.Fault is { } gone)
            {
                (_view, _failure, _remedy) = (null, gone.Message, null);
                return;
            }
            var load = ++_loads;
            var view = await Board.LoadAsync(me.Value, string.IsNullOrEmpty(Rollout) ? null : Rollout, Clock.Today, _gone.Token);
            if (load != _loads) return;   // a later one is on its way, or was quicker
            _view = view;
            _failure = null;
            _midnight?.Change(Clock.Tomorrow - Clock.Now, Timeout.InfiniteTimeSpan);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LogFailed(Log, e);
            (_failure, _remedy) = (_view is null ? "What needs you cannot be read at the moment." : "This page cannot be brought up to date at the moment; what you see is older.", "The console recovers by itself; try again, or wait: this page looks again as soon as something happens.");
        }
    }

    public void Dispose()
    {
        Clock.Changed -= Again;
        _midnight?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    [LoggerMessage(2301, LogLevel.Error, "The home page could not be read")]
    private static partial void LogFailed(ILogger logger, Exception e);

    private string Of(string path) => string.IsNullOrEmpty(Rollout) ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}rollout={Uri.EscapeDataString(Rollout)}";

    private async Task SeenAsync(long seq)
    {
        var me = await Me.RequireAsync();
        var result = me.Fault is { } gone ? gone : await Board.SeenAsync(me.Value, seq);
        _refusal = result.Fault?.Message;
        await LoadAsync();
    }

    internal static string Names(IReadOnlyList<string> names) => string.Join(", ", names.Take(3).Select(n => VisibleText.Flatten(n.Length > 48 ? n[..48] + "…" : n))) + (names.Count > 3 ? $" and {names.Count - 3} more" : "");
    private static string Short(string text) => VisibleText.Flatten(text.Length > 120 ? text[..120] + "…" : text);
    private static string OrMore(int n) => n >= HomeBoard.MostWaiting ? $"{HomeBoard.MostWaiting} or more" : Number(n);
    private static string Number(int n) => n.ToString("N0", CultureInfo.InvariantCulture);
    private static string Share(double? share) => share is { } s ? (s * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–";
}
