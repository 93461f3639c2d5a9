using System.Globalization;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The draft against recorded decisions: choose a period, watch it run, read what changes.</summary>
public sealed partial class ReplayPage
{
    private static readonly PageKey[] Keys = [new("r", "Run it"), new("x", "Cancel the one that runs")];
    private ReplayPageView? _view;
    private IReadOnlyList<ReplayChangeView> _changes = [];
    private Fault? _fault;
    private string? _refusal;
    private int _days = 30;
    private DateOnly? _from, _to;
    private Outcome? _was, _now;
    private bool _starting;

    [Parameter] public string Id { get; set; } = "";
    /// <summary>The replay to show; none is the newest.</summary>
    [SupplyParameterFromQuery] public string? Run { get; set; }
    [SupplyParameterFromQuery] public string? Was { get; set; }
    [SupplyParameterFromQuery] public string? Now { get; set; }
    [SupplyParameterFromQuery] public string? Kind { get; set; }

    private string[] Topics => ["state", ReplayDesk.Topic(Id)];
    private bool Busy => _view?.Recent.Any(r => r.Status == ReplayStatus.Running) ?? false;
    private bool Sample => Kind == "sample";
    private bool Filtered => _was is not null && _now is not null;

    protected override Task OnParametersSetAsync()
    {
        (_was, _now) = (ReplayWording.Parse(Was), ReplayWording.Parse(Now));
        return LoadAsync();
    }

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = Desk.Page(me, Id, string.IsNullOrEmpty(Run) ? null : Run);
        _fault = view.Fault;
        if (!view.Ok) return;
        _view = view.Value;
        _changes = _view.Shown is not { Result: { } found } shown ? [] : _was is { } was && _now is { } now ? [.. Desk.Changes(me, Id, shown.Id, was, now, Sample).Take(ReplayDesk.MostShown)] : found.Strangest;
    }

    private Task PressAsync(string key) => key switch { "r" when !Busy => RunAsync(), "x" when _view is { MayCancel: true } => CancelAsync(), _ => Task.CompletedTask };

    private async Task RunAsync()
    {
        if (_starting) return;
        _starting = true;
        try
        {
            var me = await Me.RequireAsync();
            var request = _days == 0 ? new ReplayRequest(Begins(_from), Begins(_to)) : new ReplayRequest(Clock.Now.AddDays(-_days), null);
            var started = me.Fault is { } gone ? gone : await Desk.StartAsync(me.Value, Id, request, CancellationToken.None);
            _refusal = started.Fault?.Message;
        }
        finally
        {
            _starting = false;
        }
        if (_refusal is null && Run is not null) Navigation.NavigateTo(Address());
        else await LoadAsync();
    }

    private async Task CancelAsync()
    {
        var me = await Me.RequireAsync();
        if (_view?.Shown is { } shown) _refusal = (me.Fault ?? (await Desk.CancelAsync(me.Value, Id, shown.Id, CancellationToken.None)).Fault)?.Message;
        await LoadAsync();
    }

    private string Address(string? run = null, Outcome? was = null, Outcome? now = null, bool sample = false)
        => $"/rollouts/{Id}/matrix/replay{(run is null ? "" : $"?run={run}")}{(was is { } w && now is { } n ? $"&was={ReplayWording.Word(w)}&now={ReplayWording.Word(n)}{(sample ? "&kind=sample" : "")}#changes" : "")}";

    private static string Headline(ReplayView shown) => shown switch
    {
        { Status: ReplayStatus.Running } => "It runs",
        { Status: ReplayStatus.Cancelled } => "It was cancelled",
        { Result: { } found } => ReplayWording.Headline(found),
        _ => "It did not come to its end",
    };

    // Said by screen readers: every tenth of the way, not every page.
    private string? Spoken => _view?.Shown switch
    {
        null => null,
        { Status: ReplayStatus.Running } running => string.Create(CultureInfo.InvariantCulture, $"Replay: {(int)(running.Position * 10) * 10} percent"),
        var ended => Headline(ended),
    };

    private DateTimeOffset? Begins(DateOnly? day) => day is { } d ? Clock.Begins(d) : null;   // a day as its reader counts it, like every time on the page
    private static string Percent(ReplayView run) => (100 * run.Position).ToString("0", CultureInfo.InvariantCulture);
    private static string Number(long count) => ReplayWording.Number(count);
    private static string Seconds(double seconds) => seconds < 1 ? "less than a second" : DurationWords.Of(TimeSpan.FromSeconds(seconds));
}
