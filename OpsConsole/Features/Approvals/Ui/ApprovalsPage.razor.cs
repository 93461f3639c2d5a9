using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Features.Access.Ui;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>The approver's desk: what waits on the left, one request with all its evidence on the right, live for everybody who may decide.</summary>
public sealed partial class ApprovalsPage : IDisposable
{
    private const int PageSize = 50;
    private static readonly string[] Topics = ["approvals", "state", "health"];
    private static readonly PageKey[] Walking = [new("j", "Next request"), new("k", "Previous request"), new("Enter", "Open the request"), new("Escape", "Back to the list, or select nothing"), new("/", "Search what waits"), new("s", "Another order: by time left, consequence, amount")];
    private static readonly PageKey[] Deciding = [.. Walking, new("a", "Approve the open request, or what is selected"), new("e", "Edit and approve the open request"), new("r", "Reject the open request, or what is selected"),
        new("q", "Ask the agent or its owner back"), new("c", "Claim the open request, or stop looking at it"), new("z", "Take back your yes while the agent may not act yet"), new("h", "Hand the open request on"), new("u", "Escalate the open request"),
        new("x", "Select the request, or leave it out again"), new("X", "Select all requests alike")];
    /// <summary>A request that has just come up is not decided by the second press of a key meant for the one before.</summary>
    private static readonly TimeSpan JustOpened = TimeSpan.FromMilliseconds(600);

    private readonly CancellationTokenSource _gone = new();
    private readonly DeskQueue _queue = new();
    private readonly DeskSelection _selection;
    private readonly Func<VerdictRequest, Task<Fault?>> _decide;
    private readonly Func<ApprovalView, IReadOnlyList<Taker>> _takers;
    private ApprovalCard? _card;
    private DecideBar? _bar;
    private MoveBar? _moves;
    private PersonCaller? _me;
    private PasswordAgain? _password;
    private ApprovalView? _view;
    private RunSoFar _run = RunSoFar.None;
    private RequestHistory? _history;
    private Fault? _fault;
    private DeskNotice? _notice;
    private QueuePlace? _edge;
    private DeskFilter? _listed;
    private IReadOnlyList<(string Id, string Name)> _agents = [];
    private IReadOnlyList<DeskView> _views = [];
    private string? _opened, _failure, _meId;
    private string _said = "", _counts = "";
    private PageKey[] _walking = Walking, _deciding = Deciding;
    private bool _viewsRead, _loaded, _more, _lookedThrough, _busy, _opening, _focus;
    private long _shownAt;

    public ApprovalsPage() => (_selection, _decide, _takers) = (new(_queue), DecideAsync, view => _me is { } me ? Inbox.Takers(me, view) : []);

    [Parameter] public string? Id { get; set; }
    [SupplyParameterFromQuery(Name = "show")] private string? Show { get; set; }
    [SupplyParameterFromQuery(Name = "rollout")] private string? Rollout { get; set; }
    [SupplyParameterFromQuery(Name = "sort")] private string? Sort { get; set; }
    [SupplyParameterFromQuery(Name = "q")] private string? Search { get; set; }
    [SupplyParameterFromQuery(Name = "agent")] private string? Agent { get; set; }
    [SupplyParameterFromQuery(Name = "action")] private string? Action { get; set; }
    [SupplyParameterFromQuery(Name = "rule")] private string? Rule { get; set; }
    [SupplyParameterFromQuery(Name = "due")] private string? Due { get; set; }
    [Inject] private ApprovalInbox Inbox { get; set; } = default!;
    [Inject] private ViewDesk Saved { get; set; } = default!;
    [Inject] private BulkDesk Alike { get; set; } = default!;
    [Inject] private ApprovalService Approvals { get; set; } = default!;
    [Inject] private ClaimDesk Claims { get; set; } = default!;
    [Inject] private AskBackDesk Questions { get; set; } = default!;
    [Inject] private TakeBackDesk TakeBacks { get; set; } = default!;
    [Inject] private HistoryReader History { get; set; } = default!;
    [Inject] private Decisions.DecisionSearch Agents { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;
    [Inject] private ILogger<ApprovalsPage> Log { get; set; } = default!;

    private bool MayDecide => _last is not null || _queue.Rows.Any(r => r.Row.MayDecide) || _view?.MyStanding is Core.Approvals.Standing.Named;
    private PageKey[] Keys => MayDecide ? _deciding : _walking;
    private string ChooseText => "Everything needed to judge it appears here: what, who, why, and what can be undone. Keys: j and k walk, Enter opens" + (MayDecide ? "; in the open request a approves, e edits, r rejects, q asks back, c says that you look at it, x selects." : ". None of these requests waits for you.");
    /// <summary>What the address says; where it says nothing, the reader's view that comes first.</summary>
    private DeskFilter Filter => DeskFilter.Of(Show, Rollout, Sort, Search, Agent, Action, Rule, Due) is var asked && asked.Query.Length == 0 && _views.FirstOrDefault(v => v.Default) is { } first ? DeskFilter.Parse(first.Query) : asked;
    private string Address => "/approvals" + Filter.Query;
    // An address that says nothing shows the view that comes first.
    private string For(string? show) => "/approvals" + ((Filter with { Show = show }).Query is { Length: > 0 } query ? query : _views.Any(v => v.Default) ? "?rollout=" : "");
    private string? Current(string? show) => Filter.Show == show ? "page" : null;
    private bool Searching => Filter is { Search: not null } or { More: > 0 };
    private string EmptyTitle => Searching ? "Nothing that waits fits" : Filter.Show switch { "mine" => "Nothing waits for you", "high" => "Nothing of high consequence waits", _ => "Nothing waits" };
    private string EmptyText => _more ? $"Among the first {ApprovalInbox.Deepest:N0} that wait nothing fits; more wait behind them."
        : Searching ? "Other requests may wait. A search looks for its words in action, resource, agent and rule."
        : Filter.Show is null
        ? !string.IsNullOrEmpty(Rollout) ? "Only one rollout is shown; requests of others may wait." : "A request appears here, without reloading, when an agent asks for something that a rule of its rollout's matrix sends to a person, or when it is not sure enough. Rules with the outcome 'approve' name who decides and how long they have."
        : "Other requests may wait for other people.";

    protected override async Task OnParametersSetAsync()
    {
        if (_opened != Id)
        {
            LeaveClaim();
            (_opened, _view, _fault, _notice, _run, _history) = (Id, null, null, null, RunSoFar.None, null);
            _queue.Select(Id ?? _queue.SelectedId);
        }
        if (_listed != Filter) _edge = null;
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_focus || _card is null || _view is null) return;
        _focus = false;
        await _card.FocusAsync();
    }

    private Task RefreshAsync() => LoadAsync();

    private Task ReloadAsync()
    {
        _viewsRead = false;
        return LoadAsync();
    }

    /// <summary>Only the reader changes their views, here: they are not read again with every request that comes.</summary>
    private async Task ViewsAsync(PersonCaller me)
    {
        _views = await Saved.ListAsync(me, _gone.Token);
        PageKey[] shown = [.. _views.Take(9).Select((v, i) => new PageKey($"{i + 1}", $"Show {VisibleText.Flatten(v.Name)}"))];
        (_walking, _deciding, _viewsRead) = ([.. Walking, .. shown], [.. Deciding, .. shown], true);
    }

    /// <summary>Reads on behind the last row shown; what is shown stays where it is.</summary>
    private Task MoreAsync() => TryAsync(async me =>
    {
        var (wanted, edge) = (Filter, _edge);
        var page = await Inbox.ReadAsync(me, wanted.Queue, edge, null, PageSize, _gone.Token, shared: true);
        if (wanted != Filter || edge != _edge) return;
        _queue.Append(page.Rows);
        Reach(page);
        Count(_queue.Rows.Where(r => !r.Gone).Select(r => r.Row));
        _said = $"{page.Rows.Count} more, {_queue.Rows.Count} in the list";
    });

    private void ShowNews()
    {
        _queue.ShowAll();
        _said = $"{_queue.Rows.Count} waiting";
    }

    /// <summary>Pulls the list and the open request. Answers that arrive for a request no longer open are dropped.</summary>
    private async Task LoadAsync()
    {
        var id = Id;
        _opening = id is not null && _view is null;
        await TryAsync(async me =>
        {
            await LastAsync(me);
            if (!_viewsRead) await ViewsAsync(me);
            var twin = _history?.Twin is { } other && _queue.Has(other) ? other : null;
            await ListAsync(me);
            if (id is not null) await OpenAsync(me, id);
            if (twin is not null && !_queue.Has(twin)) await HistoryAsync();   // the very same call was decided meanwhile
        });
        if (id == Id) _opening = false;
    }

    /// <summary>Pulls as much of the queue as is shown, or its first page. What was read while the reader asked for more, or for something else, is read again.</summary>
    private async Task ListAsync(PersonCaller me)
    {
        while (true)
        {
            var (wanted, edge) = (Filter, _edge);
            var readAt = Time.GetUtcNow();
            var page = await Inbox.ReadAsync(me, wanted.Queue, null, edge, PageSize, _gone.Token, shared: true);
            if (wanted != Filter || edge != _edge) continue;
            _queue.Take(page.Rows, Id, wanted.Query, readAt, wanted.Queue.Sort);
            Reach(page);
            Count(page.Rows);
            (_loaded, _listed, _agents) = (true, wanted, Agents.Agents(me));
            return;
        }
    }

    /// <summary>The list now goes as far as this page; it never gets shorter under the reader because something urgent came in above.</summary>
    private void Reach(QueuePage page)
    {
        (_more, _lookedThrough) = (page.More, page.LookedTo is not null);
        if ((page.LookedTo ?? (page.Rows.Count > 0 ? QueuePlace.Of(page.Rows[^1], Filter.Queue.Sort) : null)) is { } last && (_edge is null || last.IsBehind(_edge.Value))) _edge = last;
    }

    private async Task TryAsync(Func<PersonCaller, Task> read)
    {
        try
        {
            if (await Person.GetAsync() is not { } me)
            {
                (_failure, _view) = ("You are no longer signed in.", null);
                return;
            }
            (_me, _meId) = (me, me.Id);
            await read(me);
            _failure = null;
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            LogFailed(Log, e);
            _failure = "The approvals cannot be read at the moment.";
        }
    }

    private async Task OpenAsync(PersonCaller me, string id)
    {
        var found = await Inbox.FindAsync(me, id, _gone.Token);
        if (id != Id) return;
        if (found.Fault is { } fault)
        {
            (_view, _fault) = (null, fault);
            return;
        }
        var (before, now) = (_view, found.Value);
        if (before?.Digest != now.Digest)
        {
            var history = await History.OfAsync(me, now, _gone.Token);
            if (id != Id) return;
            _history = history;
        }
        if (before is null)
        {
            var run = await Inbox.RunSoFarAsync(me, now, _gone.Token);
            if (id != Id) return;
            (_run, _shownAt, _focus) = (run, Time.GetTimestamp(), true);
            _said = $"Opened: {ApprovalCard.What(now)}. {(now.Status == "pending" ? "" : "It no longer waits.")}";
        }
        else if (before.Version != now.Version)
        {
            _shownAt = Time.GetTimestamp();
            if (before.Status == "pending" && now.Status != "pending") _said = $"{ApprovalCard.What(now)} no longer waits: {now.Status}.";
            else if (before.Digest != now.Digest) (_notice, _said) = Told(DeskNotice.Changed(before, now, answered: false));
        }
        (_view, _fault) = (now, null);
    }

    private async Task HistoryAsync()
    {
        if (_view is { } view && _me is { } me && await History.OfAsync(me, view, _gone.Token) is var history && ReferenceEquals(view, _view)) _history = history;
    }

    private void Count(IEnumerable<QueueRow> shown)
    {
        var rows = shown.ToList();
        var soon = Time.GetUtcNow() + TimeSpan.FromMinutes(5);
        var due = rows.Count(r => r.ExpiresAt <= soon);
        _counts = (rows.Count == 0 ? "" : $"{rows.Count}{(_more ? "+" : "")} waiting{(due > 0 ? $" · {due} due < 5 min" : "")}") + (_lookedThrough ? $" · looked through the first {ApprovalInbox.Deepest:N0}" : "");
    }

    private async Task KeyAsync(string key)
    {
        switch (key)
        {
            case "j" or "k":
                if (_queue.Step(key == "j" ? 1 : -1) is not { } row) break;
                if (Id is not null) Navigation.NavigateTo(row.Href);
                else
                {
                    _queue.Select(row.Row.Id);
                    _said = $"{VisibleText.Flatten(row.Row.Action)} {VisibleText.Flatten(row.Row.ResourceId)}, {Words.Left(row.Row.ExpiresAt - Time.GetUtcNow())}";
                }
                break;
            case "Enter" when Id is null && _queue.SelectedId is { } selected && _queue.Rows.FirstOrDefault(r => r.Row.Id == selected) is { } open:
                Navigation.NavigateTo(open.Href);
                break;
            case "a" or "r" when _queue.Marked.Count > 1:
                _selection.Ask(key == "a" ? Core.Approvals.Verdict.Approve : Core.Approvals.Verdict.Reject);
                break;
            // Nothing is decided unseen: the first press opens what the keyboard stands on.
            case "a" or "e" or "r" or "q" or "c" when Id is null && _queue.SelectedId is { } unread && _queue.Rows.FirstOrDefault(r => r.Row.Id == unread) is { } first:
                Navigation.NavigateTo(first.Href);
                break;
            case "Escape" when _queue.Marked.Count > 0:
                ClearMarks();
                break;
            case "Escape" when Id is not null:
                Navigation.NavigateTo(Address);
                break;
            case [>= '1' and <= '9'] when key[0] - '1' is var at && at < _views.Count:
                Navigation.NavigateTo(ViewMenu.Address(_views[at]));
                break;
            case "x": await MarkAsync(); break;
            case "X": await MarkAlikeAsync(); break;
            case "s":
                Navigation.NavigateTo("/approvals" + (Filter.NextSort.Query is { Length: > 0 } next ? next : "?rollout="));
                break;
            case "a" or "e" or "r" or "q" or "c" when _bar is not null && _view is not null:
                await _bar.PressAsync(key);
                break;
            case "z":
                await TakeBackAsync();
                break;
            case "h" or "u" when _moves is not null && _view is not null:
                _moves.Press(key);
                break;
        }
    }

    /// <summary>What x acts on: the open request, or where j and k stand, or the first.</summary>
    private string? At => Id ?? _queue.SelectedId ?? (_queue.Rows.Count > 0 ? _queue.Rows[0].Row.Id : null);

    private Task MarkAsync() => SelectAsync(_selection.MarkAsync);
    private Task MarkAlikeAsync() => SelectAsync(_selection.MarkAlikeAsync);
    private void ApproveMarked() => _selection.Ask(Core.Approvals.Verdict.Approve);
    private void RejectMarked() => _selection.Ask(Core.Approvals.Verdict.Reject);
    private void ClearMarks() => _said = _selection.Clear();

    private Task SelectAsync(Func<string, Func<string, Task<IReadOnlyList<string>>>, Task<string>> choose)
        => At is { } at && MayDecide ? TryAsync(async me => _said = await choose(at, like => Alike.AlikeAsync(me, like, _gone.Token))) : Task.CompletedTask;

    private async Task BulkDecidedAsync(BulkResult result)
    {
        Toasts.Done(_said = _selection.Decided(result));
        await LoadAsync();
    }

    private static (DeskNotice Notice, string Said) Told(DeskNotice notice) => (notice, $"{notice.Words}. {notice.Then}");

    /// <summary>Where to go on from a request that is over: what the reader may decide next, or the list.</summary>
    private (string Href, string Word) WayOn => Id is not null && _queue.After(Id) is { } next ? (next.Href, "Next request") : (Address, "Back to what waits");

    public void Dispose()
    {
        LeaveClaim();
        _gone.Cancel();
        _gone.Dispose();
    }

    [LoggerMessage(2101, LogLevel.Error, "The approvals page could not read what waits")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
