using System.Globalization;
using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>References inside one document: <c>#</c>, or <c>#/…</c> as RFC 6901 writes them in a URI.</summary>
internal static class JsonPointer
{
    /// <summary>What a reference leads to; null when that is nothing, or in another document.</summary>
    public static JsonElement? Find(JsonElement root, string reference)
    {
        if (reference == "#") return root;
        if (!reference.StartsWith("#/", StringComparison.Ordinal)) return null;
        var at = root;
        foreach (var part in reference[2..].Split('/'))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var member)) at = member;
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength()) at = at[index];
            else return null;
        }
        return at;
    }
}
