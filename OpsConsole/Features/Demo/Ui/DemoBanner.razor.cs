using Microsoft.AspNetCore.Components;
using OpsConsole.Core.Access;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Demo.Ui;

/// <summary>Says on every page that there is a demo, and lets an admin take it away.</summary>
public partial class DemoBanner
{
    private static readonly string[] _topics = ["state"];
    private (string Id, string Name, bool MayRemove)? _demo;
    private PersonCaller? _me;
    private bool _asking;
    private string? _refusal;

    [Inject] private DemoSeed Demo { get; set; } = default!;
    [Inject] private CurrentPerson Current { get; set; } = default!;

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _me = await Current.GetAsync();
        _demo = Demo.For(_me);
    }

    private void Ask() => (_asking, _refusal) = (true, null);

    private async Task RemoveAsync(string? _)
    {
        var result = await Demo.RemoveAsync(_me!);
        _refusal = result.Fault?.Message;
        if (result.Ok) _asking = false;
        await LoadAsync();
    }
}
