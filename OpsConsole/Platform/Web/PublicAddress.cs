namespace OpsConsole.Platform.Web;

/// <summary>Where people reach the console: the setting, or else the address of the request.</summary>
/// <param name="configured"><c>OpsConsole:PublicBaseUrl</c>, or null.</param>
public sealed class PublicAddress(string? configured)
{
    /// <summary>Scheme and authority without a slash at the end; null when not configured.</summary>
    public string? Origin { get; } = string.IsNullOrWhiteSpace(configured) ? null : new Uri(configured).GetLeftPart(UriPartial.Authority);

    /// <summary>People come by https: secure cookies, HSTS.</summary>
    public bool IsHttps => Origin?.StartsWith("https://", StringComparison.Ordinal) ?? false;

    /// <summary>A link for people to a path that begins with a slash.</summary>
    public string Link(HttpContext context, string path) => (Origin ?? $"{context.Request.Scheme}://{context.Request.Host}") + path;

    /// <summary>A link for people, from a page (<paramref name="baseUri"/> as the navigation manager has it).</summary>
    public string Link(string baseUri, string path) => (Origin ?? baseUri.TrimEnd('/')) + path;
}
