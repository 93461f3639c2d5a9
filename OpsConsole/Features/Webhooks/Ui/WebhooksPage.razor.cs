using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Webhooks.Ui;

/// <summary>A rollout's webhooks: registered, tried out, rotated, switched off. A secret is shown once and forgotten with the dialog.</summary>
public sealed partial class WebhooksPage
{
    private IReadOnlyList<WebhookView>? _hooks;
    private WebhookView? _edited;
    private (string What, WebhookView About)? _asked;
    private Fault? _fault;
    private string? _of, _refusal, _secret;
    private bool _editing, _busy;

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => [WebhookDesk.Topic(Id), "state"];

    protected override async Task OnParametersSetAsync()
    {
        if (_of != Id)
        {
            (_of, _hooks, _editing, _asked, _secret, _refusal) = (Id, null, false, null, null, null);
            await Task.Yield();   // rendered, so listening, before anything is read: SQLite answers without ever waiting
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var id = Id;
        var me = await Me.RequireAsync();
        var list = me.Fault is { } gone ? gone : await Reader.ListAsync(me.Value, id, CancellationToken.None);
        if (id != Id) return;   // another rollout was chosen meanwhile
        (_fault, _hooks) = (list.Fault, list.Ok ? list.Value : null);
    }

    private void Edit(WebhookView? hook) => (_editing, _edited, _refusal) = (true, hook, null);

    private void Ask(string what, WebhookView hook) => (_asked, _refusal) = ((what, hook), null);

    private async Task SavedAsync(string? secret)
    {
        (_editing, _secret) = (false, secret);
        if (secret is null) Toasts.Done("The webhook is changed.");
        await LoadAsync();
    }

    private async Task TestAsync(WebhookView hook)
    {
        var sent = await WithMeAsync(me => Desk.TestAsync(me, Id, hook.Id));
        if (sent.Ok) Navigation.NavigateTo($"/rollouts/{Id}/webhooks/{hook.Id}?delivery={sent.Value}");
    }

    private async Task SwitchOnAsync(WebhookView hook)
    {
        var on = await WithMeAsync(me => Desk.ChangeAsync(me, Id, hook.Id, new WebhookRequest(null, null, null, true)));
        if (on.Ok) Toasts.Done("The webhook is on. What happens from now on is told.");
        await LoadAsync();
    }

    private async Task DoAsync(string what, WebhookView hook)
    {
        var done = what switch
        {
            "secret" => await RotateAsync(hook),
            "off" => (await WithMeAsync(me => Desk.ChangeAsync(me, Id, hook.Id, new WebhookRequest(null, null, null, false)))).Ok,
            _ => (await WithMeAsync(me => Desk.RemoveAsync(me, Id, hook.Id))).Ok,
        };
        if (!done) return;
        _asked = null;
        if (what != "secret") Toasts.Done(what == "off" ? "The webhook is off." : "The webhook is removed.");
        await LoadAsync();
    }

    private async Task<bool> RotateAsync(WebhookView hook)
    {
        var rotated = await WithMeAsync(me => Desk.RotateAsync(me, Id, hook.Id));
        if (rotated.Ok) _secret = rotated.Value.Secret;
        return rotated.Ok;
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

    private static string Host(WebhookView hook) => new Uri(hook.Url).Host;
    private static string Question(string what, WebhookView hook) => what switch { "secret" => $"New secret for {Host(hook)}", "off" => $"Switch off {Host(hook)}", _ => $"Remove {Host(hook)}" };
    private static string Verb(string what) => what switch { "secret" => "Make a new secret", "off" => "Switch off", _ => "Remove" };
}
