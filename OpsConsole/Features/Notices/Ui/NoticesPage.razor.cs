using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Undo;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Notices.Ui;

/// <summary>What the reader was told, the newest first; opening one marks it as read.</summary>
public sealed partial class NoticesPage
{
    private const int Rows = 50;
    private static readonly PageKey[] Keys = [new("j", "Next notice"), new("k", "Notice before"), new("Enter", "Open it"), new("m", "Mark it as read")];

    private static readonly string[] Subjects = ["approvals", ReversibleWindow.RequiredTopic, UndoNeeds.Topic];
    private string[] _topics = Subjects;
    private Wire.Page<NoticeView>? _page;
    private Fault? _fault;
    private string? _at;
    private int _unread;
    private bool _busy;

    [SupplyParameterFromQuery] public bool Unread { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (await Me.GetAsync() is { } me && _topics == Subjects) _topics = [NoticeInbox.Topic(me.Id), .. Subjects];
        await Task.Yield();   // rendered, so listening, before anything is read
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var asked = (Unread, After);
        var me = await Me.RequireAsync();
        var page = me.Fault is { } gone ? gone : await Inbox.ListAsync(me.Value, Unread, new PageQuery(string.IsNullOrEmpty(After) ? null : After, Rows), CancellationToken.None);
        var unread = page.Ok ? (await Inbox.UnreadAsync(me.Value, CancellationToken.None)).Count : 0;
        if (asked != (Unread, After)) return;   // the address moved on
        (_fault, _page, _unread) = (page.Fault, page.Ok ? page.Value : null, unread);
    }

    private async Task ReadAsync(NoticeView row)
    {
        if (row.ReadAt is null && await Me.GetAsync() is { } me) await Inbox.ReadAsync(me, row.Id);
    }

    private async Task ReadAllAsync()
    {
        _busy = true;
        try
        {
            if (await Me.GetAsync() is { } me) await Inbox.ReadAllAsync(me);
            await LoadAsync();
        }
        finally { _busy = false; }
    }

    private async Task OnKeyAsync(string key)
    {
        if (_page is not { Items.Count: > 0 } page) return;
        var at = page.Items.ToList().FindIndex(n => n.Id == _at);
        if (key == "j") _at = page.Items[Math.Min(at + 1, page.Items.Count - 1)].Id;
        else if (key == "k") _at = page.Items[Math.Max(at - 1, 0)].Id;
        else if (at >= 0)
        {
            await ReadAsync(page.Items[at]);
            if (key == "Enter") Navigation.NavigateTo(Address(page.Items[at]));
        }
    }

    private static string Address(NoticeView row) => row.Address;

    private static string Title(NoticeView row) => row.Status is not { } status ? $"{(row.IncidentId is not null ? "An incident" : row.PlanId is not null ? "An undo" : row.ReviewId is not null ? "A weekly review" : row.MemoId is not null ? "A scale memo" : row.DecisionId is not null ? "What an agent wrote," : "A request")} that is not yours to see any more"
        : $"{(row.IncidentId is not null ? OfIncident(row, status) : row.PlanId is not null ? OfPlan(row, status) : row.ReviewId is not null ? OfReview(row, status) : row.MemoId is not null ? OfMemo(row, status) : row.DecisionId is not null ? OfWindow(row, status) : Standing(row, status))}: {row.What()}";

    private static string OfPlan(NoticeView row, string status) => status == "needs_somebody" ? NoticeLine.Words(NoticeKind.Undo, row.Asked) : "An undo needs nobody any more";

    private static string OfReview(NoticeView row, string status) => status == "to_sign" ? NoticeLine.Words(NoticeKind.Review, row.Asked) : $"A weekly review, {status} by {NoticeLine.Plain(row.DecidedBy ?? "somebody")}";

    private static string OfMemo(NoticeView row, string status) => status switch { "to_decide" => NoticeLine.Words(NoticeKind.Memo, row.Asked), "withdrawn" => "Withdrawn", "draft" => "Being written", _ => $"{char.ToUpperInvariant(status[0])}{status[1..]} by {NoticeLine.Plain(row.DecidedBy ?? "somebody")}" };

    private static string OfWindow(NoticeView row, string status) => status switch
    {
        "confirmed" => "Confirmed by " + NoticeLine.Plain(row.DecidedBy ?? "somebody"),
        "vetoed" => "Vetoed by " + NoticeLine.Plain(row.DecidedBy ?? "somebody"),
        "undone" => "Nobody confirmed it, so its undoing began",
        "escalated" => "Not confirmed in time",
        _ => NoticeLine.Words(NoticeKind.Confirm, row.Asked),
    };

    // Why they were told, as long as nobody has it.
    private static string OfIncident(NoticeView row, string status)
        => row.Kind == "news" ? "News of an incident" : status is "closed" or "merged" or "cancelled" or "resolved" ? $"An incident, {status}" : row.DecidedBy is { } owner ? NoticeLine.Plain(owner) + " has the incident" : NoticeLine.Words(NoticeKind.Incident, row.Asked);

    // Why they were told, as long as it waits; then what became of it.
    private static string Standing(NoticeView row, string status) => status switch
    {
        "pending" => NoticeLine.Words(NoticeKinds.Words[row.Kind], row.Asked),
        "approved" => "Approved by " + NoticeLine.Plain(row.DecidedBy!),
        "edited" => "Edited and approved by " + NoticeLine.Plain(row.DecidedBy!),
        "rejected" => "Rejected by " + NoticeLine.Plain(row.DecidedBy!),
        "expired" => "Nobody decided in time",
        _ => "Withdrawn by the agent",
    };

    private static string Detail(NoticeView row) => row.Status is null ? "" : row.AgentName is { } agent ? $"{NoticeLine.Plain(row.RolloutName!)} · {NoticeLine.Plain(agent)} · {row.Consequence} consequence" : NoticeLine.Plain(row.RolloutName!);
}
