using Microsoft.AspNetCore.Components;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>An agent's keys: made, rotated, revoked. A new one is shown once and forgotten with the dialog.</summary>
public sealed partial class AgentKeys
{
    private bool _creating;
    private DateOnly? _expires;
    private NewKeyView? _new;
    private KeyView? _revoking;
    private string? _refusal;

    [Parameter, EditorRequired] public AgentView Agent { get; set; } = default!;
    [Parameter, EditorRequired] public IReadOnlyList<KeyView> Keys { get; set; } = [];
    [Parameter] public bool MayManage { get; set; }
    [Parameter] public EventCallback OnChanged { get; set; }

    private int Live => Keys.Count(k => k.Live);

    private string Snippet => $$$"""
        curl -sS {{{Navigation.BaseUri}}}api/v1/decisions \
          -H 'Authorization: Bearer {{{_new?.Key}}}' \
          -H 'Content-Type: application/json' \
          -d '{"action":"crm.contact.read","resource":{"type":"contact","id":"42"}}'
        """;

    private async Task CreateAsync()
    {
        var me = await Me.RequireAsync();
        var key = me.Fault is { } gone ? gone : await Credentials.CreateKeyAsync(me.Value, Agent.Id, _expires is { } day ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : null);
        _refusal = key.Fault?.Message;
        if (!key.Ok) return;
        _new = key.Value;
        await OnChanged.InvokeAsync();
    }

    private async Task RevokeAsync(string? reason)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Credentials.RevokeKeyAsync(me.Value, Agent.Id, _revoking!.Id);
        _refusal = done.Fault?.Message;
        if (!done.Ok) return;
        _revoking = null;
        Toasts.Done("The key is revoked.");
        await OnChanged.InvokeAsync();
    }
}
