using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace OpsConsole.Ui.Shared;

/// <summary>Calls into a browser that may leave at any moment, which is no error.</summary>
internal static class BrowserCalls
{
    /// <summary>The browser is gone, or answers no more.</summary>
    public static bool IsGone(this Exception e) => e is JSDisconnectedException or OperationCanceledException;

    /// <summary>Focuses an element where it is still there.</summary>
    public static async Task TryFocusAsync(this ElementReference element, bool preventScroll = false)
    {
        try
        {
            await element.FocusAsync(preventScroll);
        }
        catch (Exception e) when (e.IsGone() || e is JSException or InvalidOperationException)
        {
            // it left the page in between, and the focus with it
        }
    }

    /// <summary>Keeps a word in this browser, where it keeps any.</summary>
    public static async Task RememberAsync(this IJSRuntime js, string name, string word)
    {
        try { await js.InvokeVoidAsync("localStorage.setItem", name, word); }
        catch (Exception e) when (e.IsGone() || e is JSException) { /* then it is not remembered */ }
    }

    /// <summary>What <see cref="RememberAsync"/> kept last; null when it kept nothing.</summary>
    public static async Task<string?> RecallAsync(this IJSRuntime js, string name)
    {
        try { return await js.InvokeAsync<string?>("localStorage.getItem", name); }
        catch (Exception e) when (e.IsGone() || e is JSException) { return null; }
    }
}
