using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>Collects what a document says, in the catalogue's own terms: legal names, bounded texts and schemas, and a note for everything that had to give.</summary>
internal sealed class ImportSheet
{
    // What is listed must be readable again where it is sent back: 32 levels, three of them around the schema.
    private const int MaxNotes = 200, MaxDescription = 4_000, MaxDepth = 29;
    private readonly List<ImportedAction> _actions = [];
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, string> _sources = new(StringComparer.OrdinalIgnoreCase);
    private int _unnoted, _beyond;

    /// <summary>How many nodes of schemas may still be copied; a small document can refer to a large one from a thousand places.</summary>
    public int Work { get; set; } = 500_000;

    public void Note(string text)
    {
        if (_notes.Count < MaxNotes) _notes.Add(text);
        else _unnoted++;
    }

    /// <param name="name">As the document has it; made legal here.</param>
    /// <param name="says">What it says beside name, description and schema.</param>
    /// <param name="stated">See <see cref="ImportedAction"/>.</param>
    public void Add(string source, string name, string? description, JsonElement? schema, CatalogueAction says, IReadOnlyList<string> stated, List<string> notes)
    {
        if (LegalName(name) is not { } legal)
        {
            Note($"{source} is called '{Short(name)}', of which no name of an action can be made (letters, digits and _ . : -). It is left out.");
            return;
        }
        if (_actions.Count == ActionCatalogue.MaxActions)
        {
            _beyond++;
            return;
        }
        if (legal != name) notes.Insert(0, $"'{Short(name)}' is no name of an action, so it is listed as {legal}. The agent has to ask for it by that name.");
        if (description?.Length > MaxDescription)
        {
            description = description[..(char.IsHighSurrogate(description[MaxDescription - 1]) ? MaxDescription - 1 : MaxDescription)];
            notes.Add($"Its description was cut to {MaxDescription:N0} characters.");
        }
        var action = says with { Action = legal, Description = string.IsNullOrWhiteSpace(description) ? null : description, ArgumentsSchema = schema is { } given ? Bounded(given, notes) : null };
        var clash = _sources.TryAdd(legal, source) ? null : _sources[legal];
        _actions.Add(new(action, source, stated, notes, clash));
    }

    /// <summary>As the catalogue wrote it itself.</summary>
    public void Add(string source, CatalogueAction action)
    {
        if (_actions.Count == ActionCatalogue.MaxActions) _beyond++;
        else _actions.Add(new(action, source, ["effect", "consequence", "classes", "reversible", "owner"], [], _sources.TryAdd(action.Action, source) ? null : _sources[action.Action]));
    }

    public CatalogueImport Done(ImportKind kind)
    {
        if (_beyond > 0) Note($"A catalogue has at most {ActionCatalogue.MaxActions:N0} actions; {_beyond:N0} more of this document are left out.");
        else if (_actions.Count == 0 && _notes.Count == 0) Note("There is nothing in it.");
        if (_unnoted > 0) _notes.Add($"And {_unnoted:N0} more that could not be read.");
        return new(kind, _actions, _notes);
    }

    /// <summary>The text that <see cref="ActionPattern.IsName"/> takes and that is closest to a name, or null: <c>/</c> becomes a dot, accents go, anything else becomes <c>_</c>.</summary>
    public static string? LegalName(string name)
    {
        if (name.Length <= ActionPattern.MaxLength && ActionPattern.IsName(name)) return name;
        var text = new StringBuilder();
        foreach (var c in name.Normalize(NormalizationForm.FormKD))
        {
            if (char.IsAsciiLetterOrDigit(c) || c is ':' or '-') text.Append(c);
            else if (c is '{' or '}' || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) continue;
            else if (c is '/' or '.') Separate(text, '.');
            else Separate(text, '_');
        }
        if (text.Length > ActionPattern.MaxLength) text.Length = ActionPattern.MaxLength;
        var legal = text.ToString().Trim('.', '_');
        return legal.Any(char.IsAsciiLetterOrDigit) ? legal : null;
    }

    /// <summary>A member of this kind, or null.</summary>
    public static JsonElement? Member(JsonElement from, string name, JsonValueKind kind) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;

    public static string? TextOf(JsonElement from, string name) => Member(from, name, JsonValueKind.String)?.GetString();

    public static string Short(string text) => VisibleText.Flatten(text.Length <= 80 ? text : text[..79] + "…");

    // Never two in a row, and a dot wins.
    private static void Separate(StringBuilder text, char separator)
    {
        if (text.Length > 0 && text[^1] is '.' or '_')
        {
            if (separator == '.') text[^1] = '.';
        }
        else if (text.Length > 0) text.Append(separator);
    }

    private static JsonElement? Bounded(JsonElement schema, List<string> notes)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            notes.Add("Its schema is no object and was left out.");
            return null;
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, MatrixJson.Readable)) schema.WriteTo(json);
        var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        if (text.Length > ActionCatalogue.MaxSchema) notes.Add($"Its schema has {text.Length:N0} characters (at most {ActionCatalogue.MaxSchema:N0}) and was left out.");
        else if (DepthOf(schema) > MaxDepth) notes.Add($"Its schema is nested more than {MaxDepth} levels deep and was left out.");
        else return JsonElement.Parse(text);
        return null;
    }

    private static int DepthOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => 1 + element.EnumerateObject().Select(m => DepthOf(m.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + element.EnumerateArray().Select(DepthOf).DefaultIfEmpty().Max(),
        _ => 0,
    };
}
