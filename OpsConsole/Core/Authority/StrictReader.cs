using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>Reads JSON field by field and remembers the first thing that is wrong; after that every value it returns is a placeholder.</summary>
internal abstract class StrictReader
{
    private const long MaxInteger = 1L << 53;
    protected const int MaxList = 200;
    protected const int MaxText = 1_000;

    public Fault? Fault { get; private set; }

    protected void Refuse(string path, string message) => Fault ??= Fault.Invalid("field.invalid", $"{Name(path)} {message}", path);

    /// <summary>The fields of an object; false (with a fault) when it is none, or has one twice or one that is not in <paramref name="known"/>.</summary>
    protected bool Fields(JsonElement element, string path, string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Refuse(path, "must be an object.");
            return false;
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var name = NameOf(property, path);
            if (name is null) return false;
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                Fault ??= Fault.Invalid("field.unknown", $"There is no field '{Shorten(name)}' here. Known are: {string.Join(", ", known)}.", Join(path, Shorten(name)));
                return false;
            }
            if (seen.Add(name)) continue;
            Refuse(Join(path, name), "is given twice.");
            return false;
        }
        return true;
    }

    /// <summary>The value of a field, or null when it is absent or JSON null.</summary>
    protected static JsonElement? Optional(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    protected string? OptionalText(JsonElement element, string path, string name, int max = MaxText, int min = 0) =>
        Optional(element, name) is { } value ? Text(value, Join(path, name), max, min) : null;

    protected string RequiredText(JsonElement element, string path, string name, int max = MaxText)
    {
        if (Optional(element, name) is { } value) return Text(value, Join(path, name), max, 1);
        Refuse(Join(path, name), "is required.");
        return "";
    }

    protected T Word<T>(JsonElement element, string path, string name, Words<T> words, T absent) where T : struct, Enum
    {
        if (Optional(element, name) is not { } value) return absent;
        if (value.ValueKind == JsonValueKind.String && words.TryRead(Text(value, Join(path, name), MaxText, 0), out var read)) return read;
        Refuse(Join(path, name), $"must be one of: {words.List}.");
        return absent;
    }

    protected T RequiredWord<T>(JsonElement element, string path, string name, Words<T> words) where T : struct, Enum
    {
        if (Optional(element, name) is null) Refuse(Join(path, name), $"is required: one of {words.List}.");
        return Word(element, path, name, words, default);
    }

    protected bool Flag(JsonElement element, string path, string name)
    {
        if (Optional(element, name) is not { } value) return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) Refuse(Join(path, name), "must be true or false.");
        return value.ValueKind == JsonValueKind.True;
    }

    protected int Whole(JsonElement element, string path, string name, int min, int max, int absent)
    {
        if (Optional(element, name) is not { } value) return absent;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max) return number;
        Refuse(Join(path, name), $"must be a whole number from {min} to {max}.");
        return absent;
    }

    protected TimeSpan? Duration(JsonElement element, string path, string name, TimeSpan min, TimeSpan max)
    {
        if (Optional(element, name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String && IsoDuration.TryParse(Text(value, Join(path, name), MaxText, 0), out var read)
            && read >= min && read <= max) return read;
        Refuse(Join(path, name), $"must be a duration such as PT15M or P1D, from {IsoDuration.Write(min)} to {IsoDuration.Write(max)}.");
        return null;
    }

    protected IReadOnlyList<string> Texts(JsonElement element, string path, string name) =>
        List(Optional(element, name), Join(path, name), MaxList, (item, at) => Text(item, at, MaxText, 1));

    protected IReadOnlyList<T> List<T>(JsonElement? list, string path, int max, Func<JsonElement, string, T> read)
    {
        if (list is not { } array) return [];
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > max)
        {
            Refuse(path, $"must be a list of at most {max}.");
            return [];
        }
        var items = new List<T>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
        {
            items.Add(read(item, $"{path}[{items.Count}]"));
            if (Fault is not null) break;
        }
        return items;
    }

    protected string Text(JsonElement value, string path, int max, int min)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Refuse(path, "must be a text.");
            return "";
        }
        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)   // bytes or escapes that are no Unicode text
        {
            Refuse(path, "is not valid Unicode text.");
            return "";
        }
        if (text.Length < min || text.Length > max) Refuse(path, $"must have {min} to {max} characters.");
        if (text.Contains('\0')) Refuse(path, "must not contain the character U+0000.");
        return text;
    }

    /// <summary>One of <see cref="MatrixWords.Classes"/>.</summary>
    protected string Class(JsonElement value, string path)
    {
        var text = Text(value, path, MaxText, 1);
        if (!MatrixWords.Classes.Contains(text, StringComparer.Ordinal)) Refuse(path, $"must be one of: {string.Join(", ", MatrixWords.Classes)}.");
        return text;
    }

    /// <summary>Whether a number is one that double arithmetic keeps exactly enough: finite, and within ±2^53 when whole.</summary>
    protected static bool IsOrdinary(JsonElement number)
    {
        if (!number.TryGetDouble(out var value) || !double.IsFinite(value)) return false;
        var whole = number.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;
        return !whole || (number.TryGetInt64(out var integer) && integer is >= -MaxInteger and <= MaxInteger);
    }

    protected static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private string? NameOf(JsonProperty property, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)   // as in Text
        {
            Refuse(path, "has a field name that is not valid Unicode text.");
            return null;
        }
    }

    private static string Shorten(string name) => name.Length <= 100 ? name : name[..100];
    private static string Name(string path) => path.Length == 0 ? "The body" : path;
}
