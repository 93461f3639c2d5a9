using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>The <c>Prefer: wait=N</c> header (RFC 7240), capped at 60 seconds.</summary>
public static class Prefer
{
    public static readonly Fault Wrong = Fault.Invalid("field.invalid", "Prefer: wait takes whole seconds, for example 'Prefer: wait=30'.", "Prefer");

    /// <summary>False when the header asks for a wait that is no number of seconds; null when it asks for none.</summary>
    public static bool TryWait(HttpContext http, out TimeSpan? wait)
    {
        wait = null;
        foreach (var header in http.Request.Headers["Prefer"])
        {
            foreach (var part in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (!part.StartsWith("wait", StringComparison.OrdinalIgnoreCase)) continue;
                var equals = part.IndexOf('=');
                if (equals < 0 || !int.TryParse(part[(equals + 1)..].Trim().Trim('"'), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds)) return false;
                wait = TimeSpan.FromSeconds(Math.Min(seconds, 60));
            }
        }
        return true;
    }
}
