using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using OpsConsole.Core.Worksheets;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>
/// The browser's half of fields that several people type into (<c>worksheet.js</c>), for one page, whose <c>PatchAsync</c>, <c>TakenBack</c>, <c>Here</c> and <c>UndoAsync</c> it calls.
/// It knows one element, whose texts are in it and whether they may be written: where one of them is another, it begins anew. Never two scripts at once.
/// </summary>
public sealed class LiveScript(IJSRuntime js) : IAsyncDisposable
{
    private readonly Dictionary<string, Register> _shown = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);   // of coming and leaving
    private IJSObjectReference? _module, _script;
    private (string Of, string Root, bool MayWrite)? _attached;
    private bool _disposed;

    /// <summary>Fields wait for it: what is typed before it listens would be lost.</summary>
    public bool Listens => _script is not null;

    /// <summary>True: it listens from now on, and the page is to be drawn again.</summary>
    /// <param name="root">The element as it is when it is asked: until it is drawn, and where it is drawn anew meanwhile, nothing is attached, and the next drawing asks again.</param>
    /// <param name="of">Whose texts these are, such as a rollout's id: what is not on record is kept in the browser under it.</param>
    /// <param name="me">Who types.</param>
    public async Task<bool> AttachAsync<TPage>(Func<ElementReference> root, DotNetObjectReference<TPage> page, string of, string me, bool mayWrite) where TPage : class
    {
        var to = (of, root().Id, mayWrite);
        if (_attached == to || _disposed || to.Id is null) return false;
        _attached = to;
        await StopAsync();
        await _turn.WaitAsync();
        try
        {
            if (_attached != to || _disposed || _script is not null) return false;
            _module = await js.InvokeAsync<IJSObjectReference>("import", "/js/worksheet.js");
            if (root().Id != to.Id)
            {
                if (_attached == to) _attached = null;
                return false;
            }
            var script = await _module.InvokeAsync<IJSObjectReference>("attach", root(), page, of, me, mayWrite);
            _shown.Clear();
            _script = script;
        }
        finally { _turn.Release(); }
        return _attached == to && !_disposed;
    }

    /// <summary>Hands it the texts that are new to it.</summary>
    public async Task ShowAsync(IEnumerable<(FieldKey Field, Register Texts)> fields, string me)
    {
        if (_script is not { } script) return;
        List<object> changed = [];
        foreach (var (field, texts) in fields)
        {
            var name = field.ToString();
            if (_shown.TryGetValue(name, out var shown) && ReferenceEquals(shown, texts)) continue;
            _shown[name] = texts;
            changed.Add(new { field = name, texts = texts.Standing.Select(p => new { id = p.Id, value = p.Value, mine = p.Author == me }) });
        }
        if (changed.Count > 0) await script.InvokeVoidAsync("show", changed);
    }

    /// <summary><c>flush</c>, <c>drawAll</c> or <c>goTo</c>; nothing where nobody listens.</summary>
    public async Task DoAsync(string what, params object[] with)
    {
        if (_script is { } script) await script.InvokeVoidAsync(what, with);
    }

    /// <summary>It sends what is not on record yet, and then stops.</summary>
    public Task LeaveAsync()
    {
        _attached = null;
        return StopAsync();
    }

    private async Task StopAsync()
    {
        await _turn.WaitAsync();
        var (script, module) = (_script, _module);
        (_script, _module) = (null, null);
        try
        {
            if (script is not null) await script.InvokeVoidAsync("dispose");
            foreach (var reference in (IJSObjectReference?[])[script, module]) if (reference is not null) await reference.DisposeAsync();
        }
        catch (Exception e) when (e.IsGone()) { /* the page went first */ }
        finally { _turn.Release(); }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await StopAsync();
    }
}
