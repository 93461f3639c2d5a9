using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Features.Toolkit.Ui.Print;

/// <summary>How printed documents say things.</summary>
internal static class Printing
{
    /// <summary>A moment in a zone, with the zone named: paper has no hover.</summary>
    public static string Moment(DateTimeOffset at, TimeZoneInfo zone) => $"{TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture)} ({zone.Id})";

    /// <summary>Which data a document shows.</summary>
    public static string Version(ToolkitData data) => $"worksheets {data.Version.Sheets.ToString(CultureInfo.InvariantCulture)}, {(data.Version.Matrix == 0 ? "matrix not published (draft shown)" : $"matrix version {data.Version.Matrix.ToString(CultureInfo.InvariantCulture)}")}";

    public static string Capital(string words) => words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];

    public static string GateName(Gate gate) => gate switch { Gate.A => "Scope", Gate.B => "Authority", Gate.C => "Launch", Gate.D => "Scale", _ => "" };

    /// <summary>A field's text in words, a person by name.</summary>
    public static string Said(FieldSpec spec, string text, ToolkitData data)
    {
        if (text.Length == 0) return "";
        if (spec.Kind != FieldKind.Person) return VisibleText.Flatten(spec.InWords(text));
        var people = data.Evidence.Meant(text).Select(data.NameOf).ToList();
        var role = text.StartsWith("role:", StringComparison.Ordinal) ? text[5..].Replace('_', ' ') : null;
        return VisibleText.Flatten(people.Count == 0 ? role ?? text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..] : role is null ? string.Join(", ", people) : $"{role}: {string.Join(", ", people)}");
    }

    /// <summary>What a JSON text holds, one member a line: <c>arguments.amount</c> and its value. What is no JSON stands there as it is.</summary>
    public static IEnumerable<(string Name, string Value)> Members(string json)
    {
        try { return Members("", JsonElement.Parse(json)); }
        catch (JsonException) { return [("", json)]; }
    }

    private static IEnumerable<(string Name, string Value)> Members(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object when value.EnumerateObject().Any() => value.EnumerateObject().SelectMany(m => Members(name.Length == 0 ? m.Name : $"{name}.{m.Name}", m.Value)),
        JsonValueKind.Array when value.GetArrayLength() > 0 => value.EnumerateArray().SelectMany((item, i) => Members(string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"), item)),
        JsonValueKind.String => [(name, value.GetString()!)],
        _ => [(name, value.GetRawText())],
    };

    /// <summary>Lines of a text that has an item a line.</summary>
    public static IReadOnlyList<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
