namespace OpsConsole.Platform.Web;

/// <summary>The address under which people reach the console: the setting, else the one this request came to.</summary>
public sealed class PublicAddress(IConfiguration configuration)
{
    private readonly string? _configured = configuration["OpsConsole:PublicBaseUrl"] is { Length: > 0 } text ? text.TrimEnd('/') : null;

    public string Of(HttpContext http) => _configured ?? string.Concat(http.Request.Scheme, "://", http.Request.Host.Value);
}
