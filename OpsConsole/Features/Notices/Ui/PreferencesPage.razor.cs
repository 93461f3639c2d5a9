using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Access;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Notices.Ui;

/// <summary>What the reader is told outside the console, and when; and what was mailed to them.</summary>
public sealed partial class PreferencesPage : IAsyncDisposable
{
    private const int Mails = 20;
    private readonly Dictionary<string, Follow> _per = [];
    private string[] _topics = [];
    private PersonCaller? _me;
    private IReadOnlyList<(string Id, string Name)> _rollouts = [];
    private IReadOnlyList<SentView> _mails = [];
    private IReadOnlyList<NoticeKind> _mail = [], _browser = [];
    private bool _mailHigh, _browserHigh, _isQuiet, _atWorkOnly, _highAtOnce, _loaded, _busy;
    private Follow _follow;
    private DigestEvery _digest;
    private TimeOnly _from = new(22, 0), _to = new(7, 0), _at;
    private string _zone = "UTC";
    private string? _permission, _refusal;
    private Fault? _fault;
    private IJSObjectReference? _module;

    protected override async Task OnInitializedAsync()
    {
        if (await Me.GetAsync() is { } me) _topics = [NoticeDesk.Topic(me.Id)];
        await LoadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        try
        {
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "/js/notify.js");
            _permission = await _module.InvokeAsync<string>("state");
            StateHasChanged();
        }
        catch (Exception e) when (e.IsGone() || e is JSException) { /* left, or a browser without modules */ }
    }

    private async Task LoadAsync()
    {
        var me = await Me.RequireAsync();
        _fault = me.Fault;
        if (!me.Ok) return;
        _me = me.Value;
        var wishes = await Desk.PreferencesAsync(_me, CancellationToken.None);
        // Until they choose, their zone is that of their account, or of the browser they look with.
        var zone = await Desk.HasChosenAsync(_me, CancellationToken.None) ? wishes.Zone : _me.Person.Zone?.Id ?? Clock.Zone?.Id ?? wishes.Zone;
        _rollouts = Desk.RolloutsOf(_me);
        _per.Clear();
        foreach (var (id, follow) in wishes.Rollouts) _per[id] = follow;
        (_mail, _mailHigh, _browser, _browserHigh, _follow) = (wishes.Email.Kinds, wishes.Email.HighOnly, wishes.Browser.Kinds, wishes.Browser.HighOnly, wishes.Follow);
        (_zone, _isQuiet, _atWorkOnly, _highAtOnce, _digest, _at) = (zone, wishes.Quiet is not null, wishes.AtWorkOnly, wishes.HighAtOnce, wishes.Digest, wishes.DigestAt);
        if (wishes.Quiet is { } quiet) (_from, _to) = (quiet.From, quiet.To);
        await LoadMailsAsync();
        _loaded = true;
    }

    private async Task LoadMailsAsync()
    {
        if (await Me.GetAsync() is { } me) _mails = (await Desk.MailsAsync(me, new PageQuery(null, Mails), CancellationToken.None)).Items;
    }

    private void Choose(string rolloutId, string? follow)
    {
        if (Enum.TryParse<Follow>(follow, out var chosen)) _per[rolloutId] = chosen;
        else _per.Remove(rolloutId);
    }

    private async Task AllowAsync()
    {
        try { _permission = _module is null ? "none" : await _module.InvokeAsync<string>("ask"); }
        catch (Exception e) when (e.IsGone() || e is JSException) { _permission = "none"; }
    }

    private Task SaveAsync() => WithMeAsync(async me =>
    {
        if (!IanaZone.IsKnown(_zone.Trim())) return Fault.Invalid("field.invalid", "The time zone must be one such as Europe/Berlin.", "time_zone");
        if (_isQuiet && _from == _to) return Fault.Invalid("field.invalid", "Quiet hours begin and end at different times.", "quiet_hours");
        var saved = await Desk.SaveAsync(me, new NoticePreferences(new(_mail, _mailHigh), new(_browser, _browserHigh), _follow, new Dictionary<string, Follow>(_per), _zone.Trim(), _isQuiet ? new QuietHours(_from, _to) : null, _highAtOnce, _digest, _at, _atWorkOnly));
        if (saved.Ok) Toasts.Done("Your notification settings are saved.");
        return saved.Fault;
    });

    private Task TestAsync() => WithMeAsync(async me =>
    {
        var sent = await Desk.TestAsync(me);
        if (sent.Ok) Toasts.Done("A test is on its way. What became of it stands below.");
        return sent.Fault;
    });

    private Task ReplayAsync(string id) => WithMeAsync(async me => (await Desk.ReplayAsync(me, id)).Fault);

    private async Task WithMeAsync(Func<PersonCaller, Task<Fault?>> work)
    {
        _busy = true;
        try
        {
            var me = await Me.RequireAsync();
            _refusal = (me.Fault ?? await work(me.Value))?.Message;
            await LoadMailsAsync();
        }
        finally { _busy = false; }
    }

    public async ValueTask DisposeAsync()
    {
        if (_module is null) return;
        try { await _module.DisposeAsync(); }
        catch (Exception e) when (e.IsGone()) { /* went with the page */ }
    }
}
