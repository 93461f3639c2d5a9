using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpsConsole.Ui.Shared;

/// <summary>A key of a page and what it does, in words. <paramref name="Key"/> as the browser names it: <c>j</c>, <c>Enter</c>, <c>Escape</c>.</summary>
public sealed record PageKey(string Key, string Does);

/// <summary>The keys of the page on screen, for the help behind <c>?</c>.</summary>
public sealed class KeyRegistry
{
    private readonly List<PageKeys> _pages = [];
    public event Action? Changed;
    public IEnumerable<PageKey> Keys => _pages.SelectMany(p => p.Keys);

    internal void Add(PageKeys page) { if (!_pages.Contains(page)) _pages.Add(page); Changed?.Invoke(); }
    internal void Remove(PageKeys page) { _pages.Remove(page); Changed?.Invoke(); }
}

/// <summary>Declares keys of a page: pressed anywhere but in a field or a dialog, they call <see cref="OnKey"/> with the key's name.</summary>
public sealed class PageKeys : ComponentBase, IAsyncDisposable
{
    private IJSObjectReference? _module;
    private DotNetObjectReference<PageKeys>? _self;
    private int _registration;
    private bool _disposed, _sending;
    private string _wanted = "", _sent = "";

    [Parameter, EditorRequired] public IReadOnlyList<PageKey> Keys { get; set; } = [];
    [Parameter] public EventCallback<string> OnKey { get; set; }
    [Inject] private IJSRuntime Js { get; set; } = default!;
    [Inject] private KeyRegistry Registry { get; set; } = default!;

    protected override void OnInitialized() => Registry.Add(this);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var names = string.Join('\n', Keys.Select(k => k.Key));
        if (names == _wanted || _disposed) return;
        if (_wanted.Length > 0) Registry.Add(this);   // the help says what holds now
        _wanted = names;
        if (!_sending) await SendAsync();   // else the call under way goes on with these
    }

    /// <summary>One call at a time: keys that change while the script is still being asked to listen must not be lost on the way.</summary>
    private async Task SendAsync()
    {
        _sending = true;
        try
        {
            while (_sent != _wanted && !_disposed)
            {
                var names = _wanted;
                if (_module is null)
                {
                    _self = DotNetObjectReference.Create(this);
                    _module = await Js.InvokeAsync<IJSObjectReference>("import", "/js/keys.js");
                    _registration = await _module.InvokeAsync<int>("register", names.Split('\n'), _self);
                }
                else await _module.InvokeVoidAsync("update", _registration, names.Split('\n'));
                _sent = names;
            }
        }
        catch (Exception e) when (e.IsGone()) { /* nobody presses keys any more */ }
        finally
        {
            _sending = false;
            if (_disposed) await LeaveAsync();   // left while we were asking
        }
    }

    /// <summary>Called by the script.</summary>
    [JSInvokable]
    public async Task Pressed(string key)
    {
        if (_disposed) return;
        try { await InvokeAsync(() => OnKey.InvokeAsync(key)); }
        catch (Exception ex) { await DispatchExceptionAsync(ex); }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        Registry.Remove(this);
        if (!_sending) await LeaveAsync();
    }

    private async Task LeaveAsync()
    {
        if (_module is not null)
        {
            try
            {
                await _module.InvokeVoidAsync("unregister", _registration);
                await _module.DisposeAsync();
            }
            catch (Exception e) when (e.IsGone()) { /* went with the page */ }
        }
        _self?.Dispose();
    }
}
