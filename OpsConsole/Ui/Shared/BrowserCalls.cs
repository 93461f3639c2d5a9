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
}
