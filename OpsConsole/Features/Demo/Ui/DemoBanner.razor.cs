using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Demo.Ui;

/// <summary>Says on every page that there is a demo, and lets an admin take it away.</summary>
public partial class DemoBanner
{
    private static readonly string[] _topics = ["state"];
    private (string Id, string Name, bool MayRemove)? _demo;
    private PersonCaller? _me;
    private bool _asking, _mine;
    private string? _refusal, _stays;

    [Inject] private DemoSeed Demo { get; set; } = default!;
    [Inject] private CurrentPerson Current { get; set; } = default!;
    [Inject] private Toasts Toasts { get; set; } = default!;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _me = await Current.GetAsync();
        _demo = Demo.For(_me);
    }

    private void Ask() => (_asking, _refusal, _stays, _mine) = (true, null, Demo.Staying(), _me?.Person.Simulated == true);

    private async Task RemoveAsync(string? _)
    {
        var result = await Demo.RemoveAsync(_me!);
        _refusal = result.Fault?.Message;
        if (result.Ok)
        {
            _asking = false;
            Toasts.Done(Demo.Staying() is { } stays ? $"The demo is removed. {VisibleText.Flatten(stays)} can still sign in, as the only admin." : "The demo is removed.");
        }
        await LoadAsync();
    }
}
