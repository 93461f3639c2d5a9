using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Notices.Ui;

/// <summary>A rollout's chat channels: added, tried out, removed; and what was sent to one. The opened log lives in the address.</summary>
public sealed partial class ChatsPage
{
    private const int Rows = 50;
    private static readonly NoticeKind[] Offered = [.. NoticeKinds.Chosen.Where(k => k is not (NoticeKind.AskedBack or NoticeKind.Answered))];

    private IReadOnlyList<ChatView>? _chats;
    private Wire.Page<SentView>? _sent;
    private ChatView? _edited, _removing;
    private IReadOnlyList<NoticeKind> _kinds = [];
    private ChatKind _kind;
    private bool _highOnly, _isQuiet, _highAtOnce, _editing, _busy;
    private TimeOnly _from, _to;
    private string _url = "";
    private string? _refusal, _of;
    private Fault? _fault;

    [Parameter] public string Id { get; set; } = "";
    [SupplyParameterFromQuery] public string? Log { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }

    private string[] Topics => [ChatDesk.Topic(Id), "state"];

    protected override async Task OnParametersSetAsync()
    {
        if (_of != Id)
        {
            (_of, _chats, _sent, _editing, _removing, _refusal) = (Id, null, null, false, null, null);
            await Task.Yield();   // rendered, so listening, before anything is read: SQLite answers without ever waiting
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var asked = (Id, Log, After);
        var me = await Me.RequireAsync();
        var list = me.Fault is { } gone ? gone : await Desk.ListAsync(me.Value, Id, CancellationToken.None);
        var sent = list.Ok && !string.IsNullOrEmpty(Log) ? await Desk.DeliveriesAsync(me.Value, Id, Log, new PageQuery(string.IsNullOrEmpty(After) ? null : After, Rows), CancellationToken.None) : default;
        if (asked != (Id, Log, After)) return;   // the address moved on
        (_fault, _chats, _sent) = (list.Fault, list.Ok ? list.Value : null, !string.IsNullOrEmpty(Log) && sent.Ok ? sent.Value : null);
    }

    private void Edit(ChatView? chat)
    {
        (_editing, _edited, _refusal, _url, _kind) = (true, chat, null, "", chat?.Kind ?? ChatKind.Slack);
        (_kinds, _highOnly) = (chat is null ? [NoticeKind.Waits, NoticeKind.Escalated, NoticeKind.Expired, NoticeKind.Confirm, NoticeKind.Undo] : [.. chat.Kinds.Select(k => NoticeKinds.Words[k])], chat?.HighOnly ?? false);
        (_isQuiet, _highAtOnce) = (chat?.QuietHours is not null, chat?.HighAtOnce ?? true);
        (_from, _to) = (QuietView.Time(chat?.QuietHours?.From) ?? new(19, 0), QuietView.Time(chat?.QuietHours?.To) ?? new(8, 0));
    }

    private async Task SaveAsync()
    {
        if (_kinds.Count == 0)
        {
            _refusal = "Choose at least one thing that it is told.";
            return;
        }
        if (_isQuiet && _from == _to)
        {
            _refusal = "Quiet hours begin and end at different times.";
            return;
        }
        var choice = new ChatChoice(_kinds, _highOnly, _isQuiet ? new QuietHours(_from, _to) : null, _highAtOnce);
        var saved = _edited is { } known ? (await WithMeAsync(me => Desk.ChangeAsync(me, Id, known.Id, choice))).Ok : (await WithMeAsync(me => Desk.AddAsync(me, Id, _kind, _url, choice))).Ok;
        if (!saved) return;
        (_editing, _url) = (false, "");
        Toasts.Done(_edited is null ? "The channel is added." : "The channel is changed.");
        await LoadAsync();
    }

    private async Task TestAsync(ChatView chat)
    {
        if ((await WithMeAsync(me => Desk.TestAsync(me, Id, chat.Id))).Ok) Navigation.NavigateTo($"/rollouts/{Id}/channels?log={chat.Id}");
    }

    private void AskRemove(ChatView chat) => (_removing, _refusal) = (chat, null);

    private async Task RemoveAsync(ChatView chat)
    {
        if (!(await WithMeAsync(me => Desk.RemoveAsync(me, Id, chat.Id))).Ok) return;
        _removing = null;
        Toasts.Done("The channel is removed.");
        if (Log == chat.Id) Navigation.NavigateTo($"/rollouts/{Id}/channels");
        else await LoadAsync();
    }

    private async Task ReplayAsync(string deliveryId)
    {
        if (Log is { } chat && (await WithMeAsync(me => Desk.ReplayAsync(me, Id, chat, deliveryId))).Ok) Toasts.Done("It is sent again.");
    }

    private async Task<Result<T>> WithMeAsync<T>(Func<PersonCaller, Task<Result<T>>> work)
    {
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            var done = me.Fault is { } gone ? gone : await work(me.Value);
            _refusal = done.Fault?.Message;
            return done;
        }
        finally { _busy = false; }
    }

    private static string Name(ChatView chat) => $"{chat.Kind} at {chat.Host}";

    private static string Words(NoticeKind kind) => kind switch { NoticeKind.Waits => "A request waits", NoticeKind.Reminder => "Reminders", NoticeKind.Escalated => "Escalations and incidents", NoticeKind.Confirm => "What an agent wrote has to be confirmed", NoticeKind.Undo => "An undo needs somebody", NoticeKind.Review => "A weekly review is to be signed", NoticeKind.Memo => "A scale memo is to be decided, or was", _ => "Nobody decided in time" };
}
