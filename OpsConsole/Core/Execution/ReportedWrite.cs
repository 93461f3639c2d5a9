using System.Text.Json;

namespace OpsConsole.Core.Execution;

/// <summary>How a write is undone (protocols.md, section N). <see cref="None"/>: the report said nothing.</summary>
public enum UndoKind { None, ReverseWrite, CancelTask, CorrectRecord, Notify, Quarantine, Manual }

/// <summary>One system write that an agent reported, with what it said about undoing it.</summary>
/// <param name="Index">Its place in the report, from 0.</param>
/// <param name="At">When it was reported.</param>
/// <param name="Reversible">The rule under which it ran calls it reversible.</param>
/// <param name="Until">The end of its reversible window; null: it never had one.</param>
/// <param name="Before">The record before it, as JSON; null: not said.</param>
/// <param name="After">The record after it: what it has to be still, for undoing it to be safe.</param>
/// <param name="Action">The agent's own action that undoes it; null: none was named.</param>
/// <param name="Arguments">For that action, as JSON.</param>
public sealed record ReportedWrite(long DecisionSeq, int Index, string DecisionId, string AgentId, string RolloutId, DateTimeOffset At, bool Reversible, DateTimeOffset? Until,
    string System, string Record, string Operation, string? Before, string? After, UndoKind Kind, string? Description, string? Action, string? Arguments)
{
    /// <summary>As the wire names them.</summary>
    public static IReadOnlyDictionary<string, UndoKind> Kinds { get; } = new Dictionary<string, UndoKind>
    {
        ["reverse_write"] = UndoKind.ReverseWrite, ["cancel_task"] = UndoKind.CancelTask, ["correct_record"] = UndoKind.CorrectRecord, ["notify"] = UndoKind.Notify, ["quarantine"] = UndoKind.Quarantine, ["manual"] = UndoKind.Manual,
    };

    public static string Wire(UndoKind kind) => kind == UndoKind.None ? "none" : Kinds.First(k => k.Value == kind).Key;

    /// <summary>The same thing in the same system: undoing one write of it depends on those that came later.</summary>
    public (string, string) Target => (System, Record);

    /// <summary>The writes of a report that was checked when it came.</summary>
    /// <param name="of">The decision they belong to, as a write without a content.</param>
    public static IReadOnlyList<ReportedWrite> Read(JsonElement report, ReportedWrite of)
    {
        if (!report.TryGetProperty("writes", out var writes) || writes.ValueKind != JsonValueKind.Array) return [];
        return [.. writes.EnumerateArray().Select((w, i) =>
        {
            var undo = w.TryGetProperty("undo", out var u) && u.ValueKind == JsonValueKind.Object ? u : default;
            return of with
            {
                Index = i, System = Text(w, "system") ?? "", Record = Text(w, "record") ?? "", Operation = Text(w, "operation") ?? "", Before = Json(w, "before"), After = Json(w, "after"),
                Kind = Kinds.GetValueOrDefault(Text(undo, "kind") ?? ""), Description = Text(undo, "description"), Action = Text(undo, "action"), Arguments = Json(undo, "arguments"),
            };
        })];
    }

    private static string? Text(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Json(JsonElement from, string name) => from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : null;
}
