using System.Runtime.InteropServices;
using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>A field that an edit adds, removes or changes. <paramref name="Path"/> as in <c>customer.lines[2].price</c>; before and after are JSON, null where there is none.</summary>
public sealed record FieldChange(string Path, string? Before, string? After);

/// <summary>New arguments while somebody types them: text in, checked JSON out, and what differs field by field.</summary>
internal static class ArgumentDraft
{
    /// <summary>Reads what was typed. An empty object is a real answer: no arguments at all.</summary>
    public static Result<JsonElement> Read(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Wrong("Write the whole new arguments as a JSON object; {} means none at all.");
        var read = StrictJson.Parse(text, StrictJson.MaxDepth - 1);   // they stand inside a body
        if (read.Fault is { } fault) return fault.Code == "body.malformed" ? Wrong(fault.Message + " Look for a missing comma, quote or bracket, or a name that is there twice.") : fault;
        if (JsonMarshal.GetRawUtf8Value(read.Value).Length > Decisions.AskReader.MaxArgumentBytes) return Wrong("Arguments are limited to 64 KB.");
        return read.Value.ValueKind == JsonValueKind.Object ? read : Wrong("The arguments are an object: { \"name\": value, … }.");
    }

    /// <summary>What differs, in the order of the fields as they were, then what is new.</summary>
    public static IReadOnlyList<FieldChange> Compare(JsonElement before, JsonElement after)
    {
        var (old, now) = (Fields(before), Fields(after));
        var later = now.ToDictionary(f => f.Path);
        var earlier = old.Select(f => f.Path).ToHashSet();
        List<FieldChange> changes = [];
        foreach (var field in old)
        {
            if (!later.TryGetValue(field.Path, out var same)) changes.Add(new FieldChange(field.Path, field.Json, null));
            else if (same.Canonical != field.Canonical) changes.Add(new FieldChange(field.Path, field.Json, same.Json));
        }
        changes.AddRange(now.Where(f => !earlier.Contains(f.Path)).Select(f => new FieldChange(f.Path, null, f.Json)));
        return changes;
    }

    /// <summary>Every single value with its path, as JSON, in the order it was sent.</summary>
    public static IReadOnlyList<(string Path, string Json)> Values(JsonElement value) => [.. ArgumentLeaf.Of(value).Select(l => (l.Path, l.Value.GetRawText()))];

    private static List<(string Path, string Json, string Canonical)> Fields(JsonElement arguments)
        => [.. ArgumentLeaf.Of(arguments).Select(l => (l.Path, l.Value.GetRawText(), Jcs.Text(l.Value)))];

    private static Fault Wrong(string message) => Fault.Invalid("arguments.invalid", message, "arguments");
}
