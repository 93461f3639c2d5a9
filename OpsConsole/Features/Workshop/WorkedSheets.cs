using System.Text.Json;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Features.Workshop;

/// <summary>Worksheets to start from, all filled in. What they need of people are roles, so that they hold in every rollout.</summary>
/// <param name="Name">The same as the worked matrix that goes with it.</param>
/// <param name="Texts">Every text and where it stands; rows have ids of their own, always the same.</param>
public sealed record WorkedSheet(string Name, string Title, string Summary, IReadOnlyList<(FieldKey Field, string Text)> Texts)
{
    public int Rows(string sheet) => Texts.Count(t => t.Field.Sheet == sheet && t.Field.Name == FieldKey.Place);
}

/// <summary>The worked examples that come with the console, one embedded file each. The usual rows of the escalation matrix and the checklist (<see cref="StartRows"/>) stand before their own.</summary>
public static class WorkedSheets
{
    private static readonly string[] Names = ["support", "finance", "operations", "sales"];
    private static readonly Lazy<IReadOnlyList<WorkedSheet>> Files = new(() => [.. Names.Select(Read)]);

    public static IReadOnlyList<WorkedSheet> All => Files.Value;

    public static WorkedSheet? Find(string name) => All.FirstOrDefault(w => w.Name == name);

    /// <summary>Rows as texts, in their order.</summary>
    internal static IEnumerable<(FieldKey Field, string Text)> Texts(string sheet, IEnumerable<StartRow> rows)
    {
        string? place = null;
        foreach (var row in rows)
        {
            place = RowPlace.Between(place, null);
            yield return (new FieldKey(sheet, row.Id, FieldKey.Place), place);
            foreach (var (field, text) in row.Texts) yield return (new FieldKey(sheet, row.Id, field), text);
        }
    }

    private static WorkedSheet Read(string name)
    {
        using var stream = typeof(WorkedSheets).Assembly.GetManifestResourceStream($"OpsConsole.Features.Workshop.Worked.{name}.json")!;
        using var document = JsonDocument.Parse(stream);
        var (root, path) = (document.RootElement, document.RootElement.GetProperty("path").GetString()!);
        return new(name, root.GetProperty("title").GetString()!, root.GetProperty("summary").GetString()!,
        [
            .. Members(root.GetProperty("canvas")).Select(f => (new FieldKey("canvas", null, f.Key), f.Value)),
            .. Texts("escalation", Rows("escalation").Select(r => r with { Texts = new Dictionary<string, string>(r.Texts) { ["path"] = path } })),
            .. Texts("tests", Rows("tests")),
            .. Texts("checklist", Rows("checklist").Select(r => r with { Texts = new Dictionary<string, string>(r.Texts) { ["state"] = "not_met" } })),
        ]);

        IEnumerable<StartRow> Rows(string sheet) => StartRows.Of(sheet).Concat(root.GetProperty(sheet).EnumerateArray().Select((r, i) => new StartRow($"{name}-{i + 1}", Members(r))));
    }

    private static Dictionary<string, string> Members(JsonElement of) => of.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetString()!);
}
