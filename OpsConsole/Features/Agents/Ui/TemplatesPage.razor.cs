using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Agents.Ui;

/// <summary>The tier templates, what they give, and who holds tiers from them.</summary>
public sealed partial class TemplatesPage
{
    private const int Most = 20;
    private static readonly string[] Topics = ["state", TemplateDesk.Topic];
    private static readonly PageKey[] Keys = [new("n", "New template")];
    private TemplatesView? _view;
    private TemplateView? _archiving;
    private string? _refusal, _trouble;

    private List<TemplateRow> Present => [.. _view!.Rows.Where(r => r.Template.ArchivedAt is null)];
    private List<TemplateRow> Gone => [.. _view!.Rows.Where(r => r.Template.ArchivedAt is not null)];

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        if (await Me.GetAsync() is { } me) _view = await Desk.PageAsync(me, CancellationToken.None);
    }

    private void Press(string key)
    {
        if (key == "n") Navigation.NavigateTo("/templates/new");
    }

    /// <param name="only">The one to take; null: all that are left.</param>
    private async Task StartAsync(string? only)
    {
        var me = await Me.RequireAsync();
        var made = me.Fault is { } gone ? gone : await Desk.StartAsync(me.Value, only);
        _trouble = made.Fault?.Message;
        if (made.Ok) Toasts.Done(only is null ? $"{made.Value} templates are here. They give nothing until one is applied." : $"{only} is here. It gives nothing until it is applied.");
        await LoadAsync();
    }

    private async Task ArchiveAsync()
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.ArchiveAsync(me.Value, _archiving!.Id, archived: true, _archiving.Version);
        _refusal = done.Fault?.Message;
        if (!done.Ok)
        {
            await LoadAsync();
            return;
        }
        Toasts.Done($"{done.Value.Name} is archived.");
        _archiving = null;
        await LoadAsync();
    }

    private async Task RestoreAsync(TemplateView template)
    {
        var me = await Me.RequireAsync();
        var done = me.Fault is { } gone ? gone : await Desk.ArchiveAsync(me.Value, template.Id, archived: false);
        _trouble = done.Fault?.Message;
        if (done.Ok) Toasts.Done($"{done.Value.Name} is back.");
        await LoadAsync();
    }
}
