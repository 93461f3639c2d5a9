using System.Text.Json;
using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The register of a rollout's actions: what is listed, and what agents asked for that is not.</summary>
public sealed partial class ActionsPage
{
    private const int Most = 100;
    private static readonly PageKey[] Keys = [new("n", "List an action"), new("i", "Import actions")];
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);   // agents ask all the time, for new things seldom

    private CatalogueView? _view;
    private Fault? _fault;
    private ActionForm? _form;
    private CatalogueAction? _was, _removing;
    private string? _refusal;
    private bool _importing;
    private IReadOnlyList<ApproverChoice> _owners = [];

    [Parameter] public string Id { get; set; } = "";

    private string[] Topics => ["state", "log", "matrix:" + Id];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is not { } me) return;
        var view = await Desk.PageAsync(me, Id, CancellationToken.None);
        _fault = view.Fault;
        if (view.Ok) _view = view.Value;
    }

    private async Task PressAsync(string key)
    {
        if (key == "n") await Open(null, new ActionForm());
        else if (key == "i") _importing = true;
    }

    private async Task ListedAsync(string said)
    {
        await LoadAsync();
        Toasts.Done(said);
    }

    private async Task Open(CatalogueAction? was, ActionForm form)
    {
        _owners = await Me.GetAsync() is { } me && Choices.List(me, Id) is { Ok: true, Value: var choices } ? choices : [];
        (_was, _form, _refusal) = (was, form, null);
    }

    /// <summary>The owner that the entry had when it was opened, where the console knows nobody of that name (any more): it stays until somebody chooses another.</summary>
    private string? Stray => _was?.Owner is { } owner && _owners.All(o => o.Approver != owner) ? owner : null;

    private async Task SaveAsync()
    {
        if (_form is not { } form) return;
        var read = form.Read();
        if (read.Fault is { } wrong)
        {
            _refusal = wrong.Message;
            return;
        }
        if (await ChangeAsync(_was, read.Value)) (_form, _was) = (null, null);
    }

    private async Task RemoveAsync()
    {
        if (await ChangeAsync(_removing, null)) _removing = null;
    }

    private async Task<bool> ChangeAsync(CatalogueAction? was, CatalogueAction? now)
    {
        var me = await Me.RequireAsync();
        _refusal = (me.Fault ?? (await Desk.ChangeAsync(me.Value, Id, was, now, CancellationToken.None)).Fault)?.Message;
        await LoadAsync();
        if (_refusal is not null) return false;
        Toasts.Done(now is null ? $"{was!.Action} is off the list." : was is null ? $"{now.Action} is listed." : $"{now.Action} is saved.");
        return true;
    }

    /// <summary>The names of the arguments, as far as the schema says.</summary>
    private static string ArgumentsOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object) return "a schema";
        var names = properties.EnumerateObject().Select(p => VisibleText.Flatten(p.Name)).ToList();
        return names.Count switch { 0 => "none", <= 3 => string.Join(", ", names), _ => $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more" };
    }
}
