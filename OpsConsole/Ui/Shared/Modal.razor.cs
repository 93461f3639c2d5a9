using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpsConsole.Ui.Shared;

/// <summary>A native dialog: the focus stays inside and returns afterwards, Esc closes. Bind <see cref="Open"/>.</summary>
public sealed partial class Modal : IAsyncDisposable
{
    private readonly string _id = $"dialog-{Guid.NewGuid():N}";
    private ElementReference _dialog;
    private IJSObjectReference? _module;
    private DotNetObjectReference<Modal>? _self;
    private bool _shown;

    [Parameter] public bool Open { get; set; }
    [Parameter] public EventCallback<bool> OpenChanged { get; set; }
    [Parameter, EditorRequired] public string Title { get; set; } = "";
    [Parameter] public bool Wide { get; set; }
    /// <summary>An element with <c>data-autofocus</c> gets the focus first.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }
    [Parameter] public RenderFragment? Footer { get; set; }
    [Inject] private IJSRuntime Js { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Open == _shown) return;
        _shown = Open;
        try
        {
            _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "/js/dialog.js");
            _self ??= DotNetObjectReference.Create(this);
            if (_shown) await _module.InvokeVoidAsync("show", _dialog, _self);
            else await _module.InvokeVoidAsync("close", _dialog);
        }
        catch (Exception e) when (e.IsGone()) { /* nobody is looking any more */ }
    }

    /// <summary>Called by the script when the dialog has closed, for whatever reason.</summary>
    [JSInvokable]
    public async Task Closed()
    {
        _shown = false;
        if (!Open) return;
        Open = false;
        await OpenChanged.InvokeAsync(false);
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        if (_module is not null)
        {
            try
            {
                if (_shown) await _module.InvokeVoidAsync("close", _dialog);
                await _module.DisposeAsync();
            }
            catch (JSException) { /* the element left the page first, and the dialog with it */ }
            catch (Exception e) when (e.IsGone()) { /* the browser is gone, or answers no more */ }
        }
        _self?.Dispose();
    }
}
