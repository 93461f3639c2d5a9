using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>
/// Reads the members of a JSON object one by one and remembers the first thing that is wrong, naming the field. <c>null</c> counts as absent.
/// Ask for every member that may be there, then <see cref="Finish"/>: what nobody asked for is <c>field.unknown</c>.
/// </summary>
public sealed class Fields
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly List<string> _asked = new(16);
    private Fault? _fault;

    public Fields(JsonElement element, string path = "")
    {
        (_object, _path) = (element, path);
        if (element.ValueKind != JsonValueKind.Object) _fault = Fault.Invalid("field.invalid", $"{(path.Length == 0 ? "The body" : path)} must be a JSON object.", path.Length == 0 ? null : path);
    }

    /// <param name="max">Left out where the request checks itself.</param>
    public string? Text(string name, int max = int.MaxValue, bool required = false)
    {
        if (!Find(name, required, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) return Refuse<string>(name, "must be text.");
        var text = value.GetString()!;
        if (text.Length > max) return Refuse<string>(name, $"is longer than {max} characters.");
        return required && string.IsNullOrWhiteSpace(text) ? Refuse<string>(name, "must not be empty.") : text;
    }

    public bool? Flag(string name)
    {
        if (!Find(name, false, out var value)) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Refuse(name, "must be true or false.");
        return null;
    }

    public long? Whole(string name, long min, long max)
    {
        if (!Find(name, false, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max) return number;
        Refuse(name, $"must be a whole number from {min} to {max}.");
        return null;
    }

    public double? Number(string name, double min, double max)
    {
        if (!Find(name, false, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && number >= min && number <= max) return number;
        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}."));
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (!Find(name, false, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var at)) return at.ToUniversalTime();
        Refuse(name, "must be a time with zone such as 2026-11-21T09:30:00Z.");
        return null;
    }

    /// <summary>One word of a closed list.</summary>
    public T? Word<T>(string name, IReadOnlyDictionary<string, T> words, bool required = false) where T : struct
    {
        if (!Find(name, required, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String && words.TryGetValue(value.GetString()!, out var word)) return word;
        Refuse(name, $"must be one of: {string.Join(", ", words.Keys)}.");
        return null;
    }

    public IReadOnlyList<string>? Texts(string name, int maxItems = int.MaxValue, int maxLength = int.MaxValue, bool required = false)
    {
        if (!Find(name, required, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > maxItems) return Refuse<IReadOnlyList<string>>(name, $"must be a list of at most {maxItems} texts.");
        List<string> texts = [];
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || item.GetString()!.Length > maxLength) return Refuse<IReadOnlyList<string>>($"{name}[{texts.Count}]", $"must be text of at most {maxLength} characters.");
            texts.Add(item.GetString()!);
        }
        return texts;
    }

    /// <summary>A nested object, or undefined when absent.</summary>
    public JsonElement Object(string name)
    {
        if (!Find(name, false, out var value)) return default;
        if (value.ValueKind == JsonValueKind.Object) return value;
        Refuse(name, "must be an object.");
        return default;
    }

    /// <summary>Whatever stands there; undefined when absent.</summary>
    public JsonElement Any(string name, bool required = false) => Find(name, required, out var value) ? value : default;

    /// <summary>Whether the member stands there at all, even as <c>null</c>.</summary>
    public bool Has(string name) => _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out _);

    public void Refuse(string name, string why)
    {
        var path = _path.Length == 0 ? name : _path + "." + name;
        _fault ??= Fault.Invalid("field.invalid", $"{path} {why}", path);
    }

    /// <summary>The first fault found, or null when the object is as it should be.</summary>
    public Fault? Finish()
    {
        if (_fault is not null) return _fault;
        foreach (var property in _object.EnumerateObject())
        {
            if (Asked(property)) continue;
            var name = property.Name.Length > 100 ? property.Name[..100] : property.Name;
            return Fault.Invalid("field.unknown", $"There is no field '{name}' here. Known are: {string.Join(", ", _asked)}.", _path.Length == 0 ? name : _path + "." + name);
        }
        return null;
    }

    private bool Asked(JsonProperty property)
    {
        foreach (var name in _asked)
        {
            if (property.NameEquals(name)) return true;
        }
        return false;
    }

    private T? Refuse<T>(string name, string why) where T : class
    {
        Refuse(name, why);
        return null;
    }

    private bool Find(string name, bool required, out JsonElement value)
    {
        value = default;
        if (!_asked.Contains(name)) _asked.Add(name);
        if (_object.ValueKind != JsonValueKind.Object) return false;
        if (_object.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null) return true;
        if (required) _fault ??= Fault.Invalid("field.required", $"{(_path.Length == 0 ? name : _path + "." + name)} is required.", _path.Length == 0 ? name : _path + "." + name);
        return false;
    }
}
