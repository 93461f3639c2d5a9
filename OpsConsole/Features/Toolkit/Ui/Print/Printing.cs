using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Access;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Features.Toolkit.Ui.Print;

/// <summary>How printed documents say things.</summary>
internal static class Printing
{
    private const int MostMembers = 400;

    /// <summary>A moment in a zone, with the zone named: paper has no hover.</summary>
    public static string Moment(DateTimeOffset at, TimeZoneInfo zone) => $"{TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture)} ({zone.Id})";

    /// <summary>The same without its zone, where that is said once for all.</summary>
    public static string Time(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The same to the second, with its offset: for evidence.</summary>
    public static string Exact(DateTimeOffset at, TimeZoneInfo zone) => $"{Second(at, zone)} ({zone.Id})";

    /// <summary>The same where the zone is said once for all.</summary>
    public static string Second(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy, HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>A day, as <c>2026-12-01</c> is written on a worksheet, in words; anything else as it stands.</summary>
    public static string Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day.ToString("d MMM yyyy", CultureInfo.InvariantCulture) : VisibleText.Flatten(text);

    /// <summary>What a made-up rollout says on its documents.</summary>
    public const string Simulated = "Simulated: made-up cases of the console's own demo, no real customers.";

    /// <summary>Which data a document shows.</summary>
    public static string Version(ToolkitData data) => $"worksheets as of change {data.Version.Sheets.ToString(CultureInfo.InvariantCulture)}, {(data.Version.Matrix == 0 ? $"matrix not published (draft {data.Draft.ToString(CultureInfo.InvariantCulture)} shown)" : $"matrix version {data.Version.Matrix.ToString(CultureInfo.InvariantCulture)}")}";

    public static string Capital(string words) => words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];

    public static string GateName(Gate gate) => gate switch { Gate.A => "Scope", Gate.B => "Authority", Gate.C => "Launch", Gate.D => "Scale", _ => "" };

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>The beginning of a text, where there is no room for all of it.</summary>
    public static string Short(string text, int most) => VisibleText.Flatten(text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)].TrimEnd() + " …");

    /// <summary>The class of a severity's sign: how dark it is says how bad it is, in grey, too.</summary>
    public static string? Tone(Severity severity) => severity switch { Severity.Sev1 => "never", Severity.Sev2 => "asked", _ => null };

    /// <summary>What it touched, by kind, in the plural.</summary>
    public static IEnumerable<(string Kinds, string Count, IReadOnlyList<string> Names)> Touched(IReadOnlyList<Affected> affected)
        => affected.GroupBy(a => a.Kind is "customer" or "record" ? a.Kind : "other").OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Key switch { "customer" => "Customers", "record" => "Records", _ => "Others" }, Counted.Of(g.Count(), g.Key), (IReadOnlyList<string>)[.. g.Select(a => VisibleText.Flatten(a.Name))]));

    /// <summary>A response as the escalation matrix says it.</summary>
    public static string Response(string wire) => Capital(WorksheetSpecs.Responses.First(r => r.Word == wire).Title);

    /// <summary>A field's text in words, a person by name.</summary>
    public static string Said(FieldSpec spec, string text, ToolkitData data)
    {
        if (text.Length == 0) return "";
        if (spec.Kind != FieldKind.Person) return VisibleText.Flatten(spec.InWords(text));
        var role = text.StartsWith("role:", StringComparison.Ordinal) ? text[5..].Replace('_', ' ') : null;
        var holders = role is null ? [] : data.Evidence.Rollout.Members.Where(m => !m.Deputy && m.Role.Wire() == text[5..] && data.Evidence.IsActive(m.PersonId)).Select(m => m.PersonId).ToList();
        var people = (holders.Count > 0 ? holders : data.Evidence.Meant(text)).Select(data.NameOf).ToList();   // a role's deputies only where nobody holds it
        return VisibleText.Flatten(people.Count == 0 ? role ?? text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..] : role is null ? string.Join(", ", people) : $"{role}: {string.Join(", ", people)}");
    }

    /// <summary>What a JSON text holds, a member a line: how deep it stands, its own name, and its value as JSON, where it has one. Null for what is no JSON, or has so many members that its text is easier to read.</summary>
    public static IReadOnlyList<(int Depth, string Name, string? Value)>? Members(string json)
    {
        List<(int, string, string?)> members = [];
        try { return Add(0, null, JsonElement.Parse(json)) ? members : null; }
        catch (JsonException) { return null; }

        bool Add(int depth, string? name, JsonElement value)
        {
            IEnumerable<(string Name, JsonElement Value)>? inside = value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().Select(m => (m.Name, m.Value)),
                JsonValueKind.Array => value.EnumerateArray().Select((item, i) => (string.Create(CultureInfo.InvariantCulture, $"[{i}]"), item)),
                _ => null,
            };
            var empty = inside is not null && !inside.Any();
            if (name is not null) members.Add((depth, name, inside is not null && !empty ? null : value.ValueKind == JsonValueKind.String ? $"“{value.GetString()}”" : value.GetRawText()));
            if (members.Count > MostMembers) return false;
            return inside is null || inside.All(m => Add(name is null ? 0 : depth + 1, m.Name, m.Value));
        }
    }

    /// <summary>Lines of a text that has an item a line.</summary>
    public static IReadOnlyList<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
