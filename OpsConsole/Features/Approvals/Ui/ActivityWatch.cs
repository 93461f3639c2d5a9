using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Without markup: calls <see cref="OnActive"/>, at most once a minute, while somebody does something on the page. Whoever only left it open is not heard.</summary>
public sealed class ActivityWatch : ComponentBase, IAsyncDisposable
{
    private IJSObjectReference? _module;
    private DotNetObjectReference<ActivityWatch>? _self;
    private int _watch;
    private bool _disposed;

    [Parameter] public EventCallback OnActive { get; set; }
    [Inject] private IJSRuntime Js { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender) return;
        try
        {
            _self = DotNetObjectReference.Create(this);
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "/js/active.js");
            _watch = await _module.InvokeAsync<int>("watch", _self);
        }
        catch (Exception e) when (e.IsGone()) { /* nobody does anything any more */ }
        if (_disposed) await LeaveAsync();   // left while we were asking
    }

    /// <summary>Called by the script.</summary>
    [JSInvokable]
    public async Task Active()
    {
        if (_disposed) return;
        try { await InvokeAsync(OnActive.InvokeAsync); }
        catch (Exception ex) { await DispatchExceptionAsync(ex); }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await LeaveAsync();
    }

    private async Task LeaveAsync()
    {
        if (Interlocked.Exchange(ref _module, null) is { } module)
        {
            try
            {
                await module.InvokeVoidAsync("unwatch", _watch);
                await module.DisposeAsync();
            }
            catch (Exception e) when (e.IsGone()) { /* went with the page */ }
        }
        _self?.Dispose();
    }
}
