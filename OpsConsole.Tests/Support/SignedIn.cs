using System.Text.RegularExpressions;

namespace OpsConsole.Tests.Support;

/// <summary>A browser's forms without a browser: reads the antiforgery token of a page and posts its form.</summary>
public sealed partial class SignedIn(HttpClient client) : IDisposable
{
    public HttpClient Client => client;

    public Task<HttpResponseMessage> SignInAsync(string email, string password, string? returnUrl = null)
        => SubmitAsync("/account/sign-in" + (returnUrl is null ? "" : "?returnUrl=" + Uri.EscapeDataString(returnUrl)), "sign-in", new() { ["Email"] = email, ["Password"] = password });

    /// <summary>Loads the page, then posts the named form back to it with these fields.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string path, string form, Dictionary<string, string> fields, string? action = null)
    {
        var page = await client.GetStringAsync(path);
        var token = Token().Match(page);
        Assert.True(token.Success, "the page has no antiforgery token: " + page);
        fields = new(fields) { ["__RequestVerificationToken"] = WebUtilityDecode(token.Groups[1].Value), ["_handler"] = form };
        using var content = new FormUrlEncodedContent(fields);
        return await client.PostAsync(action ?? path, content);
    }

    public void Dispose() => client.Dispose();

    private static string WebUtilityDecode(string text) => System.Net.WebUtility.HtmlDecode(text);

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
