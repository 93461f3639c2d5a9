namespace OpsConsole.Core.Worksheets;

/// <summary>A row of a sheet.</summary>
public sealed record WorksheetRow(string Id, string Place, IReadOnlyDictionary<string, Register> Fields)
{
    public string Text(string field) => Fields.TryGetValue(field, out var register) ? register.Value.Trim() : "";
    public bool Has(string field) => Text(field).Length > 0;
}

/// <summary>One worksheet as it stands: its fields, or its rows in order. Pure.</summary>
public sealed class Worksheet
{
    private readonly Dictionary<FieldKey, Register> _fields;

    private Worksheet(string id, Dictionary<FieldKey, Register> fields) => (Id, _fields) = (id, fields);

    public string Id { get; }

    public static Worksheet Of(string id, IEnumerable<Patch> patches) => Of(id, patches.GroupBy(p => p.Field).ToDictionary(g => g.Key, Register.Of));

    /// <param name="fields">Of any sheets; those of this one are taken.</param>
    public static Worksheet Of(string id, IEnumerable<KeyValuePair<FieldKey, Register>> fields) => new(id, fields.Where(f => f.Key.Sheet == id).ToDictionary());

    public Register this[FieldKey field] => _fields.GetValueOrDefault(field, Register.Empty);

    /// <summary>The text of a field of a sheet without rows.</summary>
    public string Text(string field) => this[new FieldKey(Id, null, field)].Value.Trim();

    public bool Has(string field) => Text(field).Length > 0;

    /// <summary>In their order; those that were taken out are not among them.</summary>
    public IReadOnlyList<WorksheetRow> Rows => [.. AllRows.Where(r => r.Place.Length > 0)];

    /// <summary>Rows that were taken out, for whoever wants one back.</summary>
    public IReadOnlyList<WorksheetRow> Removed => [.. AllRows.Where(r => r.Place.Length == 0)];

    /// <summary>Fields in which two texts stand; of rows that were taken out, none.</summary>
    public IReadOnlyList<FieldKey> Contested
    {
        get
        {
            var here = Rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
            return [.. _fields.Where(f => f.Value.IsContested && f.Key.Name != FieldKey.Place && (f.Key.Row is null || here.Contains(f.Key.Row))).Select(f => f.Key).OrderBy(k => k.ToString(), StringComparer.Ordinal)];
        }
    }

    private IEnumerable<WorksheetRow> AllRows => _fields.Where(f => f.Key.Row is not null).GroupBy(f => f.Key.Row!).Select(g =>
    {
        var fields = g.ToDictionary(f => f.Key.Name, f => f.Value, StringComparer.Ordinal);
        return new WorksheetRow(g.Key, fields.TryGetValue(FieldKey.Place, out var place) ? PlaceOf(place) : "", fields);
    }).OrderBy(r => r.Place, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal);

    // Two who move a row at once need not be asked: the last of them has it. Where one took it out and the other moved it, it stays: nothing that somebody still works with is taken away.
    private static string PlaceOf(Register place) => place.Standing.LastOrDefault(p => p.Value.Length > 0)?.Value ?? "";
}
