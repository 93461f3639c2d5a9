using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Webhooks.Ui;

/// <summary>What was sent to one endpoint, by state and event, and each delivery with its attempts. Filters and the opened delivery live in the address.</summary>
public sealed partial class WebhookLogPage
{
    private const int Rows = 50;
    private static readonly PageKey[] Keys = [new("j", "Next delivery"), new("k", "Delivery before"), new("Enter", "Open it"), new("Escape", "Close it")];

    private WebhookView? _hook;
    private Wire.Page<DeliveryView>? _page;
    private DeliveryDetailView? _detail;
    private Fault? _fault;
    private string? _refusal, _at, _of;
    private bool _busy;

    [Parameter] public string Id { get; set; } = "";
    [Parameter] public string Webhook { get; set; } = "";
    [SupplyParameterFromQuery] public string? State { get; set; }
    [SupplyParameterFromQuery] public string? Event { get; set; }
    [SupplyParameterFromQuery] public string? After { get; set; }
    [SupplyParameterFromQuery] public string? Delivery { get; set; }

    private string[] Topics => [WebhookDesk.Topic(Id), "state"];
    private bool Filtered => !string.IsNullOrEmpty(State) || !string.IsNullOrEmpty(Event);

    protected override async Task OnParametersSetAsync()
    {
        if (_of != Id + Webhook)
        {
            (_of, _hook, _page, _at, _refusal) = (Id + Webhook, null, null, null, null);
            await Task.Yield();   // rendered, so listening, before anything is read: SQLite answers without ever waiting
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var asked = (Id, Webhook, State, Event, After, Delivery);
        var me = await Me.RequireAsync();
        var hook = me.Fault is { } gone ? gone : await Reader.FindAsync(me.Value, Id, Webhook, CancellationToken.None);
        var page = hook.Fault is { } fault ? fault : await Reader.DeliveriesAsync(me.Value, Id, Webhook, State, Event, new PageQuery(string.IsNullOrEmpty(After) ? null : After, Rows), CancellationToken.None);
        var detail = page.Ok && !string.IsNullOrEmpty(Delivery) ? await Reader.DeliveryAsync(me.Value, Id, Webhook, Delivery, CancellationToken.None) : default;
        if (asked != (Id, Webhook, State, Event, After, Delivery)) return;   // the address moved on
        (_fault, _hook, _page) = (page.Fault, hook.Ok ? hook.Value : null, page.Ok ? page.Value : null);
        _detail = page.Ok && !string.IsNullOrEmpty(Delivery) && detail.Ok ? detail.Value : null;
    }

    private void Filter(string name, object? value)
        => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = value as string is { Length: > 0 } text ? text : null, ["after"] = null, ["delivery"] = null }));

    private string Address(string? delivery) => Navigation.GetUriWithQueryParameter("delivery", delivery);

    private async Task ReplayAsync()
    {
        if (_detail is not { } detail) return;
        if ((await WithMeAsync(me => Desk.ReplayAsync(me, Id, Webhook, detail.Delivery.Id))).Ok) Toasts.Done("It is sent again.");
    }

    private async Task ReplayFailedAsync()
    {
        var replayed = await WithMeAsync(me => Desk.ReplayFailedAsync(me, Id, Webhook));
        if (replayed.Ok) Toasts.Done($"{Counted.Of(replayed.Value.Replayed, "delivery", "deliveries")} sent again.");
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

    private void OnKey(string key)
    {
        if (key == "Escape" && Delivery is not null) Navigation.NavigateTo(Address(null));
        if (_page is not { Items.Count: > 0 } page) return;
        var at = page.Items.ToList().FindIndex(d => d.Id == _at);
        if (key == "Enter" && at >= 0) Navigation.NavigateTo(Address(page.Items[at].Id));
        else if (key == "j") _at = page.Items[Math.Min(at + 1, page.Items.Count - 1)].Id;
        else if (key == "k") _at = page.Items[Math.Max(at - 1, 0)].Id;
    }

    private static string Word(DeliveryState state) => state.ToString();
    private static string Tone(DeliveryState state) => state switch { DeliveryState.Delivered => "allow", DeliveryState.Waiting => "waits", DeliveryState.Failed => "denied", _ => "unknown" };
    private static string Sign(DeliveryState state) => state switch { DeliveryState.Delivered => "✓", DeliveryState.Waiting => "◔", DeliveryState.Failed => "✕", _ => "–" };
}
