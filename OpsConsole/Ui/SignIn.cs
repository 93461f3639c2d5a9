using Microsoft.AspNetCore.Components;

namespace OpsConsole.Ui;

/// <summary>Where people who are not signed in are sent, and how they come back.</summary>
public static class SignIn
{
    /// <summary>The sign-in page with the present address as a local return address (path and query only, never another host).</summary>
    public static string AddressFor(NavigationManager navigation)
    {
        var local = "/" + navigation.ToBaseRelativePath(navigation.Uri);
        return $"/account/sign-in?returnUrl={Uri.EscapeDataString(LocalOr(local, "/"))}";
    }

    /// <summary>The address if it stays on this console, else <paramref name="otherwise"/>: one leading slash, no second slash or
    /// backslash after it, no control characters.</summary>
    public static string LocalOr(string? address, string otherwise) =>
        address is { Length: > 0 and <= 2048 } && address[0] == '/' && (address.Length == 1 || address[1] is not '/' and not '\\')
        && !address.Any(char.IsControl) ? address : otherwise;
}
