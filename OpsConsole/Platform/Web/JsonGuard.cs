using System.Runtime.InteropServices;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>Refuses what JSON can spell but nobody should have to store: see <see cref="StrictJson"/>.</summary>
internal static class JsonGuard
{
    private const double MaxInteger = 1L << 53;

    public static Fault? Check(JsonElement element) => Plain(element) ? null : Check(element, "");

    // Nearly every body: no escapes, valid UTF-8, ordinary numbers. Seen without making a single string.
    private static bool Plain(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    if (!Plain(JsonMarshal.GetRawUtf8PropertyName(property)) || !Plain(property.Value)) return false;
                }
                return true;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    if (!Plain(item)) return false;
                }
                return true;
            case JsonValueKind.String: return Plain(JsonMarshal.GetRawUtf8Value(element));
            case JsonValueKind.Number: return element.GetDouble() is var n && Math.Abs(n) < MaxInteger && (n != 0 || !Underflow.Hides(JsonMarshal.GetRawUtf8Value(element)));
            default: return true;
        }
    }

    private static bool Plain(ReadOnlySpan<byte> raw) => !raw.Contains((byte)'\\') && System.Text.Unicode.Utf8.IsValid(raw);

    private static Fault? Check(JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    string name;
                    try
                    {
                        name = property.Name;
                    }
                    catch (InvalidOperationException)
                    {
                        return Refuse(path, "has a key with half a surrogate pair.");
                    }
                    if (name.Contains('\0')) return Refuse(path, "has a key with the character U+0000.");
                    if (property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null) continue;
                    if (Check(property.Value, path.Length == 0 ? name : path + "." + name) is { } fault) return fault;
                }
                return null;
            case JsonValueKind.Array:
                var i = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (Check(item, $"{path}[{i++}]") is { } fault) return fault;
                }
                return null;
            case JsonValueKind.String:
                try
                {
                    return element.GetString()!.Contains('\0') ? Refuse(path, "holds the character U+0000.") : null;
                }
                catch (InvalidOperationException)
                {
                    return Refuse(path, "holds half a surrogate pair.");
                }
            case JsonValueKind.Number:
                var number = element.GetDouble();
                if (!double.IsFinite(number)) return Refuse(path, "is beyond the range of a number.");
                if (number == 0 && Underflow.Hides(JsonMarshal.GetRawUtf8Value(element))) return Refuse(path, "is too small for a number, and it is not 0; send it as text.");
                // 2^53 + 1 rounds to 2^53 as a double: at the border the digits decide.
                var within = Math.Abs(number) < MaxInteger || (element.TryGetInt64(out var whole) && whole is >= -(1L << 53) and <= 1L << 53);
                return !within && number == Math.Truncate(number) ? Refuse(path, "is an integer beyond ±2^53; send it as text.") : null;
            default: return null;
        }
    }

    private static Fault Refuse(string path, string why) => Fault.Invalid("field.invalid", $"{(path.Length == 0 ? "The body" : path)} {why}", path.Length == 0 ? null : path.Length > 200 ? path[..200] : path);
}
