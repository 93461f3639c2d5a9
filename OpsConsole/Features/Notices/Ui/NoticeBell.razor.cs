using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using OpsConsole.Core.Access;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Notices.Ui;

/// <summary>How many notices the reader has not read, live, on every page; and while a page is open, the browser's own notification of a new one, where they allowed it.</summary>
public sealed partial class NoticeBell : IAsyncDisposable
{
    private const int Most = 99;
    private static readonly (string Page, string Prefix)[] Desks = [("approvals/", "apr"), ("incidents/", "inc"), ("undo/", "udp"), ("reviews/", "wkr"), ("decisions/", "dec"), ("provisional?decision=", "dec")];
    private string[] _topics = [];
    private int _count;
    /// <summary>What was there when the page came, or was told since.</summary>
    private long? _told;
    private IJSObjectReference? _module;

    [Inject] private NoticeInbox Inbox { get; set; } = default!;
    [Inject] private CurrentPerson Person { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private ReaderClock Clock { get; set; } = default!;

    private string Shown => _count > Most ? $"{Most}+" : _count.ToString(CultureInfo.InvariantCulture);
    private string Tip => _count == 0 ? "Notices, none unread" : $"Notices, {Shown} unread";

    protected override async Task OnInitializedAsync()
    {
        if (await Person.GetAsync() is not { } me) return;
        _topics = [NoticeInbox.Topic(me.Id)];
        Navigation.LocationChanged += Moved;
        StateHasChanged();   // listening before anything is read
        await SeenAsync(me);
        await CountAsync();
    }

    private void Moved(object? sender, LocationChangedEventArgs e) => _ = InvokeAsync(async () =>
    {
        if (await Person.GetAsync() is { } me) await SeenAsync(me);
    });

    // Whoever has a request before them need not be told of it any more.
    private async Task SeenAsync(PersonCaller me)
    {
        var path = Navigation.ToBaseRelativePath(Navigation.Uri).Replace("/?", "?", StringComparison.Ordinal);
        if (!RendererInfo.IsInteractive) return;
        try
        {
            foreach (var (page, prefix) in Desks)
                if (path.StartsWith(page, StringComparison.Ordinal) && path[page.Length..].Split('?', '#', '&')[0] is var id && Ids.TrySeq(id, prefix, out _)) await Inbox.SeenAsync(me, id);
            if (path.Split('?', '#')[0].Split('/') is ["rollouts", _, "memos", var memo, ..]) await Inbox.SeenAsync(me, memo);
        }
        catch (System.Data.Common.DbException) { /* then it stays unread until it is decided */ }
    }

    private async Task CountAsync()
    {
        if (await Person.GetAsync() is not { } me) return;
        try
        {
            var (count, newest) = await Inbox.UnreadAsync(me, CancellationToken.None);
            _count = count;
            if (_told is { } told && newest > told && RendererInfo.IsInteractive) await NotifyAsync(me, told, newest);
            _told = Math.Max(newest, _told ?? 0);
        }
        catch (System.Data.Common.DbException)
        {
            // The banner and the page say that the database cannot be read; a number that may be wrong is worse than none.
            _count = 0;
        }
    }

    private async Task NotifyAsync(PersonCaller me, long after, long through)
    {
        var (count, each) = await Inbox.NotifyAsync(me, after, through, CancellationToken.None);
        if (count == 0) return;
        try
        {
            _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "/js/notify.js");
            if (each.Count == 0) await _module.InvokeVoidAsync("show", $"{Counted.Of(count, "notice")} for you", "", "/notices", "notices");
            else
            {
                foreach (var n in each) await _module.InvokeVoidAsync("show", Title(n), Body(n), n.Address, n.ApprovalId ?? n.IncidentId ?? n.PlanId ?? n.DecisionId);
            }
        }
        catch (Exception e) when (e.IsGone() || e is JSException) { /* the page left, or the browser shows none */ }
    }

    private static string Title(NoticeView n) => n is { Kind: "waits", Asked: true } ? "A request waits" : NoticeLine.Words(NoticeKinds.Words[n.Kind], n.Asked);

    private string Body(NoticeView n) => $"{n.What()} · {NoticeLine.Plain(n.RolloutName ?? "")}{(n is { Status: "pending" or "open", ExpiresAt: { } due } ? $" · due {Clock.Short(due)}" : "")}";

    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= Moved;
        if (_module is null) return;
        try { await _module.DisposeAsync(); }
        catch (Exception e) when (e.IsGone()) { /* went with the page */ }
    }
}
